public import Core

/// What indexing needs of a model: vectors of passages.
public protocol PassageEmbedder: Sendable {
    /// Of the model; stored with the vectors, and compared before they are ever searched.
    var fingerprint: Fingerprint { get }
    /// Numbers of a vector.
    var dimension: Int { get }

    /// The vectors of `passages`, `[passages.count × dimension]`, in that order.
    ///
    /// The same passages in the same call must give the same bits: that is what lets an index that was interrupted
    /// end as one that was not.
    func embed(_ passages: [Passage]) throws(ImpRAGError) -> [Float]
}
