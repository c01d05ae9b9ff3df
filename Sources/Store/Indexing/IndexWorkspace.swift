internal import Core
internal import Foundation
internal import ObjectStore
internal import Platform
internal import Storage

/// The directory of an index under construction; `IndexDirectory.swift` describes its layout.
struct IndexWorkspace {
    let path: String

    var scanPath: String { IndexDirectory.scanPath(in: path) }
    func partPath(_ part: IndexPart) -> String { path + "/" + part.directoryName }
    func partitionPath(_ number: Int) -> String { path + "/" + IndexDirectory.partitionName(number) }
    func statesPath(_ number: Int) -> String { path + "/" + IndexDirectory.statesName(number) }
    func scratchPath(_ number: Int) -> String { path + "/" + IndexDirectory.scratchName(number) }

    /// Creates the directory, or checks that everything in it is ours.
    func create() throws(ImpRAGError) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        if attributes?[.type] as? FileAttributeType == .typeRegular {
            throw ImpRAGError(.invalidArgument, "\(path) is a file; an index needs a directory, an empty or a new one")
        }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        } catch {
            throw ImpRAGError(.unavailable, "the directory \(path) cannot be made", cause: error)
        }
        let foreign = try names().filter { !Self.isOurs($0) }
        guard foreign.isEmpty else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(path) holds files that are not of an index (\(foreign.sorted().prefix(3).joined(separator: ", "))); "
                    + "name an empty or new directory")
        }
    }

    /// Excludes other indexers for the lifetime of the lock.
    func lock() throws(ImpRAGError) -> FileLock {
        try FileLock(
            path: IndexDirectory.lockPath(in: path),
            work: "another `imprag index` or `imprag merge` is at work in \(path); wait for it")
    }

    /// Stops before the disk is full. RocksDB notices a full disk in the middle of a write, stalls, and in Debian's
    /// build may abort on an assertion, so indexing keeps free as much as it can write between two checks.
    ///
    /// - Throws: `resourceExhausted`.
    func requireSpace(partitionCount: Int) throws(ImpRAGError) {
        let buffers = 3 * partitionCount * PartitionFiller.writeBufferBytes(partitionCount: partitionCount)
        let reserve = ByteCount(Self.reserveBytes + buffers)
        guard let available = FreeSpace.available(at: path), available < reserve else { return }
        throw ImpRAGError(
            .resourceExhausted,
            "the disk of \(path) has \(available) left, and indexing needs \(reserve) to go on safely; make room and run the "
                + "same command again, it goes on where it stopped")
    }

    /// For the scan and RocksDB's own files.
    private static let reserveBytes = 64 << 20

    /// The manifest, with the corpus's files, if the index is complete.
    func finishedManifest() throws(ImpRAGError) -> IndexManifest? {
        guard exists(IndexDirectory.manifestPath(in: path)) else { return nil }
        var manifest = try IndexDirectory(path: path).manifest
        if manifest.corpus.filesDigest != nil {
            let corpus = IndexDirectory.corpusPath(in: path)
            let file = try MappedFile(path: corpus)
            try CorpusFileList.put(file.copyBytes(in: 0..<file.count), named: corpus, into: &manifest)
        }
        return manifest
    }

    private var isFinished: Bool { exists(IndexDirectory.manifestPath(in: path)) }

    /// The manifest of a part, if it is complete.
    func finishedPart() throws(ImpRAGError) -> PartManifest? {
        let manifestPath = IndexDirectory.partManifestPath(in: path)
        guard exists(manifestPath) else { return nil }
        return try ChecksummedFile.read(
            PartManifest.self, from: manifestPath, format: PartManifest.currentFormat,
            remedy: "make the part again with --force")
    }

    /// Throws `dataLoss` naming every missing or unreadable partition of the complete index or part that is here.
    func requirePartitions() throws(ImpRAGError) {
        guard let part = try finishedPart() else {
            if isFinished { try IndexDirectory(path: path).requirePartitions() }
            return
        }
        var problems: [String] = []
        for number in part.partitions.indices {
            do throws(ImpRAGError) {
                _ = try Partition(path: partitionPath(number), cacheBytes: 1 << 20)
            } catch {
                problems.append(error.message)
            }
        }
        guard problems.isEmpty else {
            throw ImpRAGError(
                .dataLoss,
                "the part in \(path) is complete by its manifest, but \(problems.count) of its \(part.partitions.count) partitions cannot "
                    + "be used: \(problems.joined(separator: "; ")). Make it again with --force")
        }
    }

    /// The job of an interrupted run.
    func unfinishedJob() throws(ImpRAGError) -> IndexJob? {
        guard exists(IndexDirectory.jobPath(in: path)) else {
            let partitions = try partitionNames()
            guard partitions.isEmpty, try !hasSegments() else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "\(path) holds \(partitions.count) partitions or a log, but neither a manifest nor a job that they belong to; "
                        + "replace them with --force")
            }
            return nil
        }
        let job = try ChecksummedFile.read(
            IndexJob.self, from: IndexDirectory.jobPath(in: path), format: IndexJob.currentFormat,
            remedy: "replace the unfinished index with --force")
        guard job.isSound else {
            throw ImpRAGError(
                .dataLoss, "\(path)/job.json is damaged: its numbers make no sense; replace it with --force")
        }
        return job
    }

    func write(_ job: IndexJob) throws(ImpRAGError) {
        try ChecksummedFile.write(job, to: IndexDirectory.jobPath(in: path))
    }

    var hasScan: Bool { exists(scanPath + "/CURRENT") }

    func removeScan() throws(ImpRAGError) { try remove(scanPath) }

    /// Writes the manifest, which completes the index, and removes scratch files.
    func finish(_ manifest: IndexManifest) throws(ImpRAGError) {
        var manifest = manifest
        if let files = try CorpusFileList.takeOut(of: &manifest) {
            try DurableFile.write(files, to: IndexDirectory.corpusPath(in: path))
        }
        try ChecksummedFile.write(manifest, to: IndexDirectory.manifestPath(in: path))
        try removeScratch()
    }

    /// The same for a part.
    func finish(_ manifest: PartManifest) throws(ImpRAGError) {
        try ChecksummedFile.write(manifest, to: IndexDirectory.partManifestPath(in: path))
        try removeScratch()
    }

    /// Removes scratch files; a run may have been stopped between the manifest and this.
    func removeScratch() throws(ImpRAGError) {
        try remove(IndexDirectory.jobPath(in: path))
        try remove(scanPath)
    }

    /// How the states beside a finished index or part are stored; nil when its manifest has none.
    func recordedStates() throws(ImpRAGError) -> IndexManifest.States? {
        if let part = try finishedPart() { return part.job.states }
        return isFinished ? try IndexDirectory(path: path).manifest.states : nil
    }

    /// Records in the manifest of a finished index or part how states are stored.
    func record(_ states: IndexManifest.States) throws(ImpRAGError) {
        if var part = try finishedPart() {
            part.job.states = states
            try finish(part)
        } else if isFinished {
            // Shards may serve the index, and change its manifest, meanwhile.
            let collection = StoredCollection(try DirectoryStore(path: path))
            _ = try collection.update(deadline: .never) { $0.states = states }
        }
    }

    /// The bytes of the states' codebooks, if there are any.
    func codebooks() throws(ImpRAGError) -> [UInt8]? {
        let file = IndexDirectory.codebooksPath(in: path)
        guard exists(file) else { return nil }
        let mapped = try MappedFile(path: file)
        return mapped.copyBytes(in: 0..<mapped.count)
    }

    func write(codebooks: [UInt8]) throws(ImpRAGError) {
        try DurableFile.write(codebooks, to: IndexDirectory.codebooksPath(in: path))
    }

    /// Removes the passage states beside the partitions, and the codebooks that they need.
    ///
    /// - Throws: `failedPrecondition` when a running shard writes to them.
    func removeStates() throws(ImpRAGError) {
        let states = try names().filter { Self.isPartitionName($0, suffix: IndexDirectory.statesSuffix) }
        try requireNoWriter(states)
        for name in states { try remove(path + "/" + name) }
        try remove(IndexDirectory.codebooksPath(in: path))
    }

    /// Removes the index or part that is here, but no parts below it. The manifest goes first: without it, nothing
    /// opens the rest.
    ///
    /// - Parameter discardsUpdates: whether updates to the index may be lost with it.
    /// - Throws: `failedPrecondition` when a running shard writes to a partition, or when acknowledged updates would be
    ///   lost that may not be.
    func removeIndex(discardsUpdates: Bool) throws(ImpRAGError) {
        let partitions = try partitionNames()
        let besides = try names().filter { name in
            Self.besidePartitions.contains { Self.isPartitionName(name, suffix: $0) }
        }
        try requireNoWriter(partitions + besides)
        if !discardsUpdates { try requireNoUpdates(partitions) }
        for name in Self.files + Self.store + besides + partitions { try remove(path + "/" + name) }
    }

    // MARK: Private

    private func requireNoWriter(_ databases: [String]) throws(ImpRAGError) {
        for name in databases where FileLock.isHeldByWriter("\(path)/\(name)/LOCK") {
            throw ImpRAGError(
                .failedPrecondition,
                "a running shard writes to \(path)/\(name); stop the cluster first, or name another directory")
        }
    }

    /// Whether updates were acknowledged: the indexer writes no segment.
    private func hasSegments() throws(ImpRAGError) -> Bool {
        try !DurableFile.entries(of: path + "/log").isEmpty
    }

    /// Only a finished index takes updates; the corpus does not have them, so they could not be recovered.
    private func requireNoUpdates(_ partitions: [String]) throws(ImpRAGError) {
        var reasons = try hasSegments() ? ["its log has segments"] : []
        // Once checkpoints hold it, the log may be gone, and a replica that was lost tells nothing either.
        let manifest = try? IndexDirectory(path: path).manifest
        if manifest?.partitions.contains(where: { $0.checkpoint > 0 }) ?? false {
            reasons.append("its checkpoints hold some")
        }
        for name in isFinished ? partitions.sorted() : [] {
            do throws(ImpRAGError) {
                guard try Partition.wasChanged(at: path + "/" + name) else { continue }
                reasons.append("\(name) has taken updates")
            } catch {
                reasons.append("\(name) may have: \(error.message)")
            }
        }
        guard reasons.isEmpty else {
            throw ImpRAGError(
                .failedPrecondition,
                "the index in \(path) has taken updates since it was made (\(reasons.joined(separator: "; "))), and --force alone does not "
                    + "drop what was acknowledged: passages that were upserted would be gone, and deleted ones back. Name another "
                    + "directory, or say --force --discard-updates")
        }
    }

    /// All files except partitions, parts and the lock; those that mark an index or a part complete come first.
    private static let files = [
        "manifest.json", "manifest.json.tmp", "part.json", "part.json.tmp", "job.json", "job.json.tmp", "scan",
        "states.codebooks", "states.codebooks.tmp", "corpus.json", "corpus.json.tmp",
    ]

    /// What the index holds as a store of objects.
    private static let store = ["log", "checkpoint", "claim", ".new", ".lock"]

    /// What may stand beside a partition, by what follows its name: states, a checkpoint in the making (twice, see
    /// `StoredCollection.writeCheckpoint`), a partition that is being brought back.
    private static let besidePartitions = [
        IndexDirectory.statesSuffix, IndexDirectory.scratchSuffix, IndexDirectory.scratchSuffix + ".tmp", ".new",
        IndexDirectory.freshSuffix, IndexDirectory.freshSuffix + ".new", IndexDirectory.oldSuffix,
    ]

    private static func isOurs(_ name: String) -> Bool {
        if files.contains(name) || store.contains(name) || name == "lock" || IndexDirectory.isPartName(name) {
            return true
        }
        return ([""] + besidePartitions).contains { isPartitionName(name, suffix: $0) }
    }

    /// Whether `name` is a partition's, followed by `suffix`. Before format 2 they were called `shard-0000`; those can
    /// be removed, but not opened.
    private static func isPartitionName(_ name: String, suffix: String = "") -> Bool {
        [IndexDirectory.partitionPrefix, "shard-"].contains { prefix in
            guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return false }
            let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
            return digits.count >= 4 && digits.allSatisfy { $0.isASCII && $0.isNumber }
        }
    }

    private func partitionNames() throws(ImpRAGError) -> [String] {
        try names().filter { Self.isPartitionName($0) }
    }

    private func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: file) }

    private func names() throws(ImpRAGError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path)
        } catch {
            throw ImpRAGError(.unavailable, "the directory \(path) cannot be read", cause: error)
        }
    }

    private func remove(_ file: String) throws(ImpRAGError) {
        guard exists(file) else { return }
        do {
            try FileManager.default.removeItem(atPath: file)
        } catch {
            throw ImpRAGError(.unavailable, "\(file) cannot be removed", cause: error)
        }
    }
}
