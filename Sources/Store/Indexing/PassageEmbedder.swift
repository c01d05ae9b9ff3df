public import Core

/// What indexing needs from a model: vectors of passages.
public protocol PassageEmbedder: Sendable {
    /// The model's; stored with the vectors and checked whenever they are used.
    var fingerprint: Fingerprint { get }
    /// Numbers per vector.
    var dimension: Int { get }
    /// What else determines the vectors' bits, as in `bf16`; an interrupted index resumes only with the same.
    var arithmetic: String { get }

    /// The vectors of `passages`, `[passages.count × dimension]`, in that order.
    ///
    /// The same passages in the same call must give the same bits, so that an interrupted index ends up identical to an
    /// uninterrupted one.
    func embed(_ passages: [Passage]) throws(ImpRAGError) -> [Float]

    /// How many of `passages` the model truncates.
    func cutCount(of passages: [Passage]) throws(ImpRAGError) -> Int

    /// The implicit query vectors of `prompts`, `[prompts.count × dimension]`, in that order; for calibration.
    func embed(prompts: [String]) throws(ImpRAGError) -> [Float]
}

extension PassageEmbedder {
    public var arithmetic: String { "" }
    public func cutCount(of passages: [Passage]) throws(ImpRAGError) -> Int { 0 }
}
