internal import Core
public import ObjectStore

/// A collection's manifest as it stood in its store.
public struct StoredManifest: Sendable {
    public let manifest: IndexManifest
    /// Which of the object's versions it was.
    public let version: ObjectVersion
    public let identity: CollectionIdentity

    /// - Throws: `dataLoss` for a manifest that makes no sense; `place` is what the message calls it.
    init(_ manifest: IndexManifest, version: ObjectVersion, in place: String) throws(ImpRAGError) {
        do throws(ImpRAGError) {
            identity = try Self.identity(of: manifest)
        } catch {
            throw ImpRAGError(.dataLoss, "\(place) is damaged: \(error.message)")
        }
        self.manifest = manifest
        self.version = version
    }

    /// What the manifest says about its collection.
    ///
    /// - Throws: `invalidArgument` with the first thing in it that makes no sense.
    static func identity(of manifest: IndexManifest) throws(ImpRAGError) -> CollectionIdentity {
        guard let id = CollectionID(hex: manifest.collection) else {
            throw ImpRAGError(
                .invalidArgument,
                "its `collection` is \"\(manifest.collection.prefix(80))\"; 32 hexadecimal digits are right")
        }
        guard let fingerprint = Fingerprint(hex: manifest.fingerprint) else {
            throw ImpRAGError(
                .invalidArgument,
                "its `fingerprint` is \"\(manifest.fingerprint.prefix(80))\"; 64 hexadecimal digits are right")
        }
        guard (1...Segment.dimensionLimit).contains(manifest.dimension) else {
            throw ImpRAGError(
                .invalidArgument,
                "its `dimension` is \(manifest.dimension); 1 to \(Segment.dimensionLimit) are possible")
        }
        guard (1...Segment.partitionLimit).contains(manifest.partitions.count) else {
            throw ImpRAGError(
                .invalidArgument,
                "it names \(manifest.partitions.count) partitions; 1 to \(Segment.partitionLimit) are possible")
        }
        guard (1...CollectionKey.epochLimit).contains(manifest.firstEpoch) else {
            throw ImpRAGError(
                .invalidArgument,
                "its `firstEpoch` is \(manifest.firstEpoch); epochs begin at 1 and stay below \(CollectionKey.epochLimit)"
            )
        }
        for (number, partition) in manifest.partitions.enumerated()
        where partition.checkpoint >= CollectionKey.epochLimit {
            throw ImpRAGError(
                .invalidArgument,
                "the checkpoint of its partition \(number) is of epoch \(partition.checkpoint); epochs stay below "
                    + "\(CollectionKey.epochLimit)")
        }
        for (number, partition) in manifest.partitions.enumerated()
        where partition.checkpoint < manifest.firstEpoch - 1 {
            throw ImpRAGError(
                .invalidArgument,
                "the checkpoint of its partition \(number) is of epoch \(partition.checkpoint), but its log begins at epoch "
                    + "\(manifest.firstEpoch): what lies between is in neither")
        }
        for (number, partition) in manifest.partitions.enumerated() {
            let epochs = (partition.replaced ?? []).map(\.epoch)
            guard zip(epochs, epochs.dropFirst()).allSatisfy(<), epochs.first ?? 0 >= 0,
                epochs.last ?? -1 < partition.checkpoint
            else {
                throw ImpRAGError(
                    .invalidArgument,
                    "the replaced checkpoints of its partition \(number) are not of ascending epochs before that of its newest"
                )
            }
        }
        try checkSnapshots(of: manifest)
        return CollectionIdentity(
            id: id, fingerprint: fingerprint, dimension: manifest.dimension,
            partitionCount: manifest.partitions.count)
    }
}
