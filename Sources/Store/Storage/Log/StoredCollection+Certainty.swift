public import Core
internal import ObjectStore

extension StoredCollection {
    /// Keeps thresholds with the collection, instead of those for the same requests. Those of models that it is not of
    /// any more go. Coordinators find them within seconds.
    ///
    /// - Parameter expected: the id of the collection that they were measured with; empty accepts any.
    /// - Throws: `failedPrecondition` when they are of another model or collection, and as `update`.
    public func keep(
        _ thresholds: CertaintyThresholds, of expected: String = "", deadline: Deadline
    ) throws(ImpRAGError) {
        _ = try update(deadline: deadline) { manifest throws(ImpRAGError) in
            guard expected.isEmpty || expected == manifest.collection else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "the thresholds were measured with the collection \(expected), but \(store.name) holds \(manifest.collection)"
                )
            }
            guard manifest.fingerprint == thresholds.fingerprint else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "the thresholds were measured with the model \(thresholds.fingerprint), but \(store.name) is of "
                        + "\(manifest.fingerprint)")
            }
            let others = (manifest.certainty ?? []).filter {
                $0.fingerprint == manifest.fingerprint && !$0.isFor(sameAs: thresholds)
            }
            manifest.certainty = others + [thresholds]
        }
    }
}
