internal import Core
internal import Foundation
internal import Platform
internal import RocksDB

extension StateStore {
    /// A database with its entries, and why existing contents were discarded.
    struct Opened {
        var database: Database?
        var ledger = StateLedger()
        var discarded: ImpRAGError?
    }

    /// Opens what can be read: nothing when there is no database of this model.
    static func openedForReading(_ path: String, _ fingerprint: Fingerprint) -> Opened {
        guard FileManager.default.fileExists(atPath: path + "/CURRENT") else { return Opened() }
        do throws(ImpRAGError) {
            return try load(path, fingerprint, .readOnly, Limits(budget: ByteCount(0)))
        } catch {
            return Opened(discarded: error)
        }
    }

    /// Opens the database at `path`, replacing one that cannot be used.
    static func openedForWriting(
        _ path: String, _ fingerprint: Fingerprint, _ limits: Limits,
        availableSpace: (String) -> ByteCount?
    ) throws(ImpRAGError) -> Opened {
        guard limits.budget.bytes > 0 else { return Opened() }
        let parent = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        let needed = ByteCount(limits.reserveBytes)
        if let available = availableSpace(parent), available < needed {
            throw ImpRAGError(
                .resourceExhausted,
                "the disk of \(path) has \(available) left, and to keep states there needs \(needed); make room")
        }
        var discarded: ImpRAGError?
        if FileManager.default.fileExists(atPath: condemnedPath(path)) {
            discarded = ImpRAGError(.dataLoss, "the states in \(path) were damaged when they were last written to")
        } else if FileManager.default.fileExists(atPath: path + "/CURRENT") {
            do throws(ImpRAGError) {
                return try load(path, fingerprint, .readWrite, limits)
            } catch {
                // Not ours to replace, or a new one would fare no better.
                if error.code == .unavailable || error.code == .resourceExhausted { throw error }
                discarded = error
            }
        }
        do {
            // Also files without a database: what an interrupted run left.
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        } catch {
            throw ImpRAGError(.unavailable, "the states in \(path) cannot be removed", cause: error)
        }
        var opened = try make(path, fingerprint, limits)
        opened.discarded = discarded
        return opened
    }

    /// Marks the database at `path` as broken: the next writer replaces it.
    static func condemn(_ path: String) {
        // If this fails, the next failure tries again.
        try? DurableFile.write([], to: condemnedPath(path))
    }

    // MARK: Private

    private static func condemnedPath(_ path: String) -> String { path + "/condemned" }

    private static func database(
        _ path: String, _ access: Database.Access, _ limits: Limits
    ) throws(ImpRAGError) -> Database {
        OpenFileLimit.raise()  // All files stay open.
        let family = ColumnFamily(
            "default", bloomBitsPerKey: 10, writeBufferBytes: limits.writeBufferBytes,
            blobs: BlobFiles(
                minimumBytes: 1024, fileBytes: min(max(limits.budget.bytes / 32, 256 << 10), 256 << 20),
                collectedShare: collectedShare))
        do throws(RocksDBError) {
            return try Database(path: path, families: [family], access: access, cacheBytes: cacheBytes)
        } catch {
            if error.isLock {
                throw ImpRAGError(
                    .unavailable,
                    "the states in \(path) are open for writing in another process, and one at a time can",
                    cause: error)
            }
            throw error.wrapped("the states in \(path) cannot be opened")
        }
    }

    private static func load(
        _ path: String, _ fingerprint: Fingerprint, _ access: Database.Access, _ limits: Limits
    ) throws(ImpRAGError) -> Opened {
        let database = try database(path, access, limits)
        var uses: [(use: StateLedger.Use, size: Int)] = []
        var isWhole = true
        let stored: [UInt8]?
        do throws(RocksDBError) {
            stored = try database.get(PassageStateFormat.headerKey, in: PassageStateFormat.family)
            try database.scan(
                PassageStateFormat.family, from: PassageStateFormat.firstUseKey, until: PassageStateFormat.endKey
            ) {
                key, value in
                if let use = PassageStateFormat.use(key, value) { uses.append(use) } else { isWhole = false }
                return isWhole
            }
        } catch {
            throw error.wrapped("the states in \(path) cannot be read")
        }
        guard isWhole, let stored else {
            throw ImpRAGError(.dataLoss, "the states in \(path) are damaged: their list is not readable")
        }
        guard let owner = PassageStateFormat.fingerprint(header: stored) else {
            throw ImpRAGError(
                .failedPrecondition, "the states in \(path) have another layout than this program reads")
        }
        guard owner == fingerprint else {
            throw ImpRAGError(
                .failedPrecondition,
                "the states in \(path) belong to the model \(owner), but these are of \(fingerprint)")
        }
        return Opened(database: database, ledger: StateLedger(uses))
    }

    private static func make(
        _ path: String, _ fingerprint: Fingerprint, _ limits: Limits
    ) throws(ImpRAGError) -> Opened {
        let database = try database(path, .create, limits)
        do {
            var batch = WriteBatch()
            batch.put(
                PassageStateFormat.headerKey, PassageStateFormat.header(fingerprint), in: PassageStateFormat.family,
                of: database)
            try database.write(batch, .synced)
        } catch {
            throw ImpRAGError(.unavailable, "the states in \(path) cannot be written", cause: error)
        }
        return Opened(database: database)
    }

    /// Share of the blob files that one garbage collection rewrites.
    private static let collectedShare = 0.2
}
