public import Core
public import Storage

/// What storing passage states needs of a model: how they are stored, and codebooks where that takes some.
public protocol PassageStateMaker: Sendable {
    /// As the manifest will say.
    var form: IndexManifest.States { get }
    var needsCodebooks: Bool { get }

    /// Codebooks learnt from the states of `passages`, of which there is at least one: the bytes of their file.
    func trainCodebooks(on passages: [Passage]) throws(ImpRAGError) -> [UInt8]

    /// - Parameter codebooks: the bytes of their file; nil where none are needed.
    /// - Throws: `dataLoss` or `invalidArgument` for codebooks that are damaged, or another model's.
    func encoder(codebooks: [UInt8]?) throws(ImpRAGError) -> any PassageStateEncoder
}

/// Reads passages for their vectors and for their states as they are stored.
public protocol PassageStateEncoder: Sendable {
    /// The names under which generators will look for the states of `passages`, in that order.
    func keys(of passages: [Passage]) throws(ImpRAGError) -> [StateKey]

    /// The vectors of `passages`, bit for bit as the model's `PassageEmbedder.embed` gives them for the same call.
    ///
    /// - Parameter take: gets the place and the state of each passage, in that order, as they come.
    func read(
        _ passages: [Passage], _ take: (Int, [UInt8]) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) -> [Float]
}
