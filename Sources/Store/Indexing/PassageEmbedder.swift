public import Core

/// What indexing needs of a model: vectors of passages.
public protocol PassageEmbedder: Sendable {
    /// Of the model; stored with the vectors, and compared before they are ever searched.
    var fingerprint: Fingerprint { get }
    /// Numbers of a vector.
    var dimension: Int { get }
    /// What else decides the vectors' bits, as in `bf16`: an interrupted index goes on only with the same.
    var arithmetic: String { get }

    /// The vectors of `passages`, `[passages.count × dimension]`, in that order.
    ///
    /// The same passages in the same call must give the same bits: that is what lets an index that was interrupted
    /// end as one that was not.
    func embed(_ passages: [Passage]) throws(ImpRAGError) -> [Float]

    /// How many of `passages` are longer than what the model reads of one, so that their vectors know nothing of their ends.
    func cutCount(of passages: [Passage]) throws(ImpRAGError) -> Int

    /// The implicit query vectors of `prompts`, `[prompts.count × dimension]`, in that order: what calibration searches for.
    func embed(prompts: [String]) throws(ImpRAGError) -> [Float]
}

extension PassageEmbedder {
    public var arithmetic: String { "" }
    public func cutCount(of passages: [Passage]) throws(ImpRAGError) -> Int { 0 }
}
