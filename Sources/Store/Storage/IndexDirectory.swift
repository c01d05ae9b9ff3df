// Layout of an index:
//
//   manifest.json          what is here (IndexManifest); written last, so its presence means that the index is complete
//   corpus.json            the files that it was indexed from (CorpusFileList)
//   log, checkpoint        its updates, and its partitions as of some of them (Log): together with the manifest all that
//   claim                  must not be lost, as objects of the store that is this directory (DirectoryStore)
//   .new, .lock            the store's own
//   partition-0000 …       one partition each (PartitionFormat.swift), for searches on this machine: a replica, which its
//                          checkpoint and the log bring back. Tables that a checkpoint has too are the same files
//   partition-0000.new     while it is brought back
//   partition-0000.checkpoint   while a checkpoint of it is made; .tmp at first
//   partition-0000.states  passage states of a partition, if any are kept (PassageStateFormat.swift): a cache, not part
//                          of the index
//   states.codebooks       what the codes of passage states in codec pq mean, where some are kept (Model)
//   job.json               only while it is being made: what it is made from (Indexing)
//   scan                   only while it is being made: a scratch database of the corpus's ids
//   lock                   held by the indexer
//   part-0002-of-0005      only of an index that several processes made: one's part, laid out like an unfinished index,
//                          with part.json in the manifest's place

public import Core
internal import Foundation
internal import ObjectStore
internal import Platform

/// A finished index on the disk: its manifest, checked, and its partitions.
public struct IndexDirectory: Sendable {
    public let path: String
    public let manifest: IndexManifest
    public let fingerprint: Fingerprint

    public var partitionCount: Int { manifest.partitions.count }
    public var dimension: Int { manifest.dimension }
    /// Passages in all partitions.
    public var passages: Int { manifest.passages }

    /// Reads the manifest of the index in the directory `path`; opens no partition.
    ///
    /// - Parameter expected: the fingerprint of the model that the caller runs; nil accepts any.
    /// - Throws: `notFound` when there is no index, `failedPrecondition` when it is not finished or belongs to another
    ///   model or format, `dataLoss` when the manifest is damaged.
    public init(path: String, expecting expected: Fingerprint? = nil) throws(ImpRAGError) {
        let manifestPath = Self.manifestPath(in: path)
        guard FileManager.default.fileExists(atPath: manifestPath) else {
            if FileManager.default.fileExists(atPath: Self.jobPath(in: path)) {
                throw ImpRAGError(
                    .failedPrecondition,
                    "the index in \(path) is not finished: run the same `imprag index` or `imprag merge` command again, it goes on where it stopped"
                )
            }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            if let part = names.filter(Self.isPartName).min() {
                throw ImpRAGError(
                    .failedPrecondition,
                    "\(path) holds parts of an index (\(part), …) and not the whole: put them together with `imprag merge`"
                )
            }
            throw ImpRAGError(
                .notFound, "there is no index in \(path): \(manifestPath) is missing; make one with `imprag index`")
        }
        let manifest = try ChecksummedFile.read(
            IndexManifest.self, from: manifestPath, format: IndexManifest.currentFormat,
            oldest: IndexManifest.formats.lowerBound,
            remedy: "index the corpus again, with `imprag index --force` or into another directory")
        guard let fingerprint = Fingerprint(hex: manifest.fingerprint), !manifest.partitions.isEmpty else {
            throw ImpRAGError(.dataLoss, "\(manifestPath) is damaged: it names no fingerprint or no partition")
        }
        try expected?.require(fingerprint, in: "the index in \(path)")
        self.path = path
        self.manifest = manifest
        self.fingerprint = fingerprint
    }

    /// Opens partition `number` and checks it against the manifest.
    ///
    /// RocksDB's checksums cover its contents, and every read verifies them; `verify` reads everything.
    ///
    /// - Throws: `invalidArgument` when there is no such partition, `dataLoss` when the partition is not what the
    ///   manifest says, and as `Partition.init`.
    public func partition(
        _ number: Int, access: Partition.Access = .readOnly, cacheBytes: Int = 32 << 20
    ) throws(ImpRAGError) -> Partition {
        guard manifest.partitions.indices.contains(number) else {
            throw ImpRAGError(
                .invalidArgument,
                "the index in \(path) has no partition \(number): its \(manifest.partitions.count) partitions are numbered from 0"
            )
        }
        let entry = manifest.partitions[number]
        let partitionPath = path + "/" + Self.partitionName(number)
        guard FileManager.default.fileExists(atPath: partitionPath) else {
            throw ImpRAGError(
                .dataLoss,
                "\(partitionPath) is missing, but the manifest names it; bring it back from a copy, or index the corpus again"
            )
        }
        let partition = try Partition(
            path: partitionPath, expecting: fingerprint, access: access, cacheBytes: cacheBytes)
        // Not `count`: updates change that.
        guard partition.bulkCount == entry.passages, partition.dimension == manifest.dimension,
            partition.number == number,
            partition.partitionCount == manifest.partitions.count
        else {
            throw ImpRAGError(
                .dataLoss,
                "\(partition.path) was indexed with \(partition.bulkCount ?? 0) passages of dimension \(partition.dimension) as partition "
                    + "\(partition.number) of \(partition.partitionCount), but the manifest says \(entry.passages) of "
                    + "\(manifest.dimension) as partition \(number) of \(manifest.partitions.count)")
        }
        guard partition.logPosition.map({ $0.collection.description == manifest.collection }) ?? true else {
            throw ImpRAGError(
                .dataLoss,
                "\(partition.path) is of another collection than the manifest beside it; remove it, and it is brought back from "
                    + "its checkpoint")
        }
        return partition
    }

    /// Opens and closes every partition, as `partition` does.
    ///
    /// - Throws: `dataLoss` naming all that are missing, cannot be opened or do not match the manifest.
    public func requirePartitions() throws(ImpRAGError) {
        let problems = try concurrentMap(partitionCount, threads: 8) { number -> String? in
            do throws(ImpRAGError) {
                _ = try partition(number, cacheBytes: 1 << 20)
                return nil
            } catch {
                return error.message
            }
        }.compactMap(\.self)
        guard problems.isEmpty else {
            throw ImpRAGError(
                .dataLoss,
                "the index in \(path) is complete by its manifest, but \(problems.count) of its \(manifest.partitions.count) partitions "
                    + "cannot be used: \(problems.joined(separator: "; ")). --force makes the whole index again, without the updates "
                    + "that it has taken")
        }
    }

    /// The directory of the passage states beside partition `number`; see `StateStore`.
    public func statesPath(_ number: Int) -> String { path + "/" + Self.statesName(number) }

    /// The file with the codebooks of passage states in codec pq, if there are any.
    public var codebooksPath: String { Self.codebooksPath(in: path) }

    /// Reads every partition, and compares those without updates with the manifest's checksums; then every file of the
    /// checkpoints that count.
    public func verify() throws(ImpRAGError) {
        let collection = StoredCollection(try DirectoryStore(path: path))
        for (number, entry) in manifest.partitions.enumerated() {
            let partition = try partition(number)
            let checksum = try partition.contentChecksum()
            guard partition.wasChanged || checksum.description == entry.checksum else {
                throw ImpRAGError(
                    .dataLoss,
                    "\(partition.path) has the checksum \(checksum), but the manifest says \(entry.checksum)"
                )
            }
            try collection.verifyCheckpoint(number, of: manifest, deadline: .never)
        }
    }

    // MARK: Names

    package static func manifestPath(in path: String) -> String { path + "/manifest.json" }
    package static func corpusPath(in path: String) -> String { path + "/corpus.json" }
    package static func jobPath(in path: String) -> String { path + "/job.json" }
    package static func scanPath(in path: String) -> String { path + "/scan" }
    package static func lockPath(in path: String) -> String { path + "/lock" }

    package static func codebooksPath(in path: String) -> String { path + "/states.codebooks" }

    package static func partManifestPath(in path: String) -> String { path + "/part.json" }

    /// As in `partition-0007`.
    package static func partitionName(_ number: Int) -> String { partitionPrefix + fourDigits(number) }

    package static let partitionPrefix = "partition-"

    /// As in `part-0002-of-0005`.
    package static func partName(_ number: Int, of count: Int) -> String {
        "part-\(fourDigits(number))-of-\(fourDigits(count))"
    }

    /// Whether `name` is one that `partName` gives.
    package static func isPartName(_ name: String) -> Bool {
        let words = name.split(separator: "-", omittingEmptySubsequences: false)
        guard words.count == 4, let number = Int(words[1]), let count = Int(words[3]) else { return false }
        return name == partName(number, of: count)
    }

    private static func fourDigits(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// As in `partition-0007.states`.
    package static func statesName(_ number: Int) -> String { partitionName(number) + statesSuffix }

    package static let statesSuffix = ".states"

    /// Where a checkpoint of a partition is made, as in `partition-0007.checkpoint`.
    package static func scratchName(_ number: Int) -> String { partitionName(number) + scratchSuffix }

    package static let scratchSuffix = ".checkpoint"

    /// A replica that is to take a partition's place, and the one that gives it up, as in `partition-0007.old`.
    package static let freshSuffix = ".fresh"
    package static let oldSuffix = ".old"
}
