public import Core
public import Storage

/// What storing passage states needs from a model: their form, and codebooks if that needs any.
public protocol PassageStateMaker: Sendable {
    /// As recorded in the manifest.
    var form: IndexManifest.States { get }
    var needsCodebooks: Bool { get }

    /// Trains codebooks on the states of `passages`, of which there is at least one, and returns the bytes of their
    /// file.
    func trainCodebooks(on passages: [Passage]) throws(ImpRAGError) -> [UInt8]

    /// - Parameter codebooks: the bytes of their file; nil if none are needed.
    /// - Throws: `dataLoss` or `invalidArgument` for codebooks that are damaged or of another model.
    func encoder(codebooks: [UInt8]?) throws(ImpRAGError) -> any PassageStateEncoder
}

/// Computes passages' vectors, and their states in stored form.
public protocol PassageStateEncoder: Sendable {
    /// The keys under which generators look up the states of `passages`, in that order.
    func keys(of passages: [Passage]) throws(ImpRAGError) -> [StateKey]

    /// The vectors of `passages`, bit for bit as the model's `PassageEmbedder.embed` gives them for the same call.
    ///
    /// - Parameter take: called with the index and the state of each passage, in that order.
    func read(
        _ passages: [Passage], _ take: (Int, [UInt8]) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> [Float]
}
