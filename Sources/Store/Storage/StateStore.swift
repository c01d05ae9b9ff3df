public import Core
internal import Platform
internal import RocksDB
internal import Synchronization

/// A bounded store of passage states on the disk, beside a partition. The layout is described in
/// `PassageStateFormat.swift`.
///
/// A cache: everything in it can be computed again. The least recently used states are evicted when the budget is full,
/// damaged ones when they are noticed, and a store of another model is emptied when it is opened for writing. A hit is
/// always exactly what was inserted under the key.
///
/// Any thread may read and write; writers wait for each other, readers for nobody. Reads and writes block: call them
/// from a thread of your own.
public final class StateStore: Sendable {
    public enum Access: Sendable {
        /// The store as of its opening; nothing on disk changes. Any number of processes at once.
        case readOnly
        /// Excludes all other writers, of any process.
        case readWrite
    }

    /// The database's directory.
    public let path: String
    public let fingerprint: Fingerprint
    /// Why the existing contents were discarded on opening, as a sentence for the log; nil when they were not.
    public let discarded: String?

    let limits: Limits
    let access: Access
    /// Nil when there is nothing to read and writing is not allowed.
    let database: Database?
    let state: Mutex<State>
    /// Held for the whole of every write. Taken before `state` where both are needed.
    let writer = Mutex(WriterState())
    /// The free space on the disk of a path; tests inject their own.
    let availableSpace: @Sendable (String) -> ByteCount?

    /// What a store may take.
    struct Limits {
        /// Budget of all states together.
        let budget: ByteCount
        /// Memory of each write buffer: a fixed share of a small budget, so that the disk use stays near it.
        let writeBufferBytes: Int

        init(budget: ByteCount, writeBufferLimit: Int = 32 << 20) {
            self.budget = budget
            writeBufferBytes = max(min(budget.bytes / 32, writeBufferLimit), 64 << 10)
        }

        /// Disk space to keep free: RocksDB notices a full disk in the middle of a write, and Debian's build may then
        /// abort on an assertion.
        var reserveBytes: Int { 64 << 20 + 3 * writeBufferBytes }
    }

    struct State {
        var ledger: StateLedger
        /// Keys whose last use is not on disk yet.
        var touched: Set<StateKey> = []
        var hits = 0
        var misses = 0
        var evictions = 0
        var damaged = 0
    }

    /// The writer's own state.
    struct WriterState {
        /// RocksDB's error when a write failed; nothing is written after that.
        var failure: RocksDBError?
        /// Bytes written since the last check of the disk use.
        var unchecked = 0
    }

    /// Opens or creates the store in the directory `path`.
    ///
    /// - Parameters:
    ///   - fingerprint: of the model whose states these are. A reader ignores those of another model, a writer removes
    ///     them.
    ///   - budget: of all states together. With 0, a writer reads and writes nothing. Ignored for a reader.
    ///   - writeBufferLimit: the most memory of a write buffer; a writer has up to three.
    /// - Throws: to a writer: `unavailable` when another process writes to it or the system refuses,
    ///   `resourceExhausted` when the disk is too full. A reader throws nothing: it uses what can be read.
    public convenience init(
        path: String, fingerprint: Fingerprint, budget: ByteCount, access: Access, writeBufferLimit: Int = 32 << 20
    ) throws(ImpRAGError) {
        try self.init(
            path: path, fingerprint: fingerprint, limits: Limits(budget: budget, writeBufferLimit: writeBufferLimit),
            access: access,
            availableSpace: { FreeSpace.available(at: $0) })
    }

    init(
        path: String, fingerprint: Fingerprint, limits: Limits, access: Access,
        availableSpace: @escaping @Sendable (String) -> ByteCount?
    ) throws(ImpRAGError) {
        let opened =
            switch access {
            case .readOnly: Self.openedForReading(path, fingerprint)
            case .readWrite:
                try Self.openedForWriting(path, fingerprint, limits, availableSpace: availableSpace)
            }
        self.path = path
        self.fingerprint = fingerprint
        self.access = access
        self.availableSpace = availableSpace
        self.limits = access == .readOnly ? Limits(budget: ByteCount(opened.ledger.bytes)) : limits
        database = opened.database
        discarded = opened.discarded?.description
        var state = State(ledger: opened.ledger)
        if opened.discarded?.code == .dataLoss { state.damaged = 1 }
        self.state = Mutex(state)
        // The budget may have been reduced.
        try shrink()
    }

    var budget: ByteCount { limits.budget }

    public var figures: StateStoreFigures {
        state.withLock { state in
            StateStoreFigures(
                entries: state.ledger.count, bytes: ByteCount(state.ledger.bytes), budget: budget, hits: state.hits,
                misses: state.misses, evictions: state.evictions, damaged: state.damaged)
        }
    }

    /// Memory of the store: cache, write buffers, tables, and the list of entries.
    public var memory: ByteCount {
        guard let database else { return ByteCount(0) }
        let writes = access == .readOnly ? 0 : 3 * limits.writeBufferBytes
        let tables = database.property("rocksdb.estimate-table-readers-mem", of: PassageStateFormat.family) ?? 0
        return ByteCount(Self.cacheBytes + writes + tables + state.withLock { $0.ledger.count } * Self.entryBytes)
    }

    /// Bytes of the state `key`; nil when it is not stored. Does not count as a use.
    public func size(of key: StateKey) -> Int? {
        state.withLock { $0.ledger.size(of: key) }.map { $0 - PassageStateFormat.overheadBytes }
    }

    /// All keys, least recently used first.
    public var keys: [StateKey] { state.withLock { $0.ledger.keys } }

    /// Whether a state of `byteCount` bytes fits without an eviction.
    public func hasRoom(for byteCount: Int) -> Bool {
        state.withLock { $0.ledger.bytes } <= budget.bytes - byteCount - PassageStateFormat.overheadBytes
    }

    /// The state `key` as it was inserted; nil when it is missing or damaged.
    public func value(for key: StateKey) -> [UInt8]? {
        guard let database, state.withLock({ $0.ledger.touch(key) }) else {
            state.withLock { $0.misses += 1 }
            return nil
        }
        var found = read(key, database)
        // It may have been evicted or inserted again meanwhile; under the writer's lock, nothing changes.
        if case .bytes = found {} else { found = examine(key, database) }
        let touched = state.withLock { state in
            guard case .bytes = found else {
                state.misses += 1
                return 0
            }
            state.hits += 1
            state.touched.insert(key)
            return state.touched.count
        }
        if touched >= Self.touchLimit, access == .readWrite {
            // Skipped while somebody writes: the next reader will do it.
            writer.withLockIfAvailable { try? writeUses(&$0) }
        }
        guard case .bytes(let bytes) = found else { return nil }
        return bytes
    }

    // MARK: Private

    private enum Found {
        case bytes([UInt8])
        case absent
        case damaged
    }

    private func read(_ key: StateKey, _ database: Database) -> Found {
        do throws(RocksDBError) {
            let bytes = try database.withValue(of: PassageStateFormat.stateKey(key), in: PassageStateFormat.family) {
                record in
                PassageStateFormat.bytes(of: record, for: key)
            }
            guard let bytes else { return .absent }
            return bytes.map { .bytes($0) } ?? .damaged
        } catch {
            // A writer in another process may remove files that a reader has open, once nothing in them is live.
            return error.code == .dataLoss && !(access == .readOnly && error.isMissingFile) ? .damaged : .absent
        }
    }

    /// Retries a failed read while nobody writes, and drops the state if that fails too.
    private func examine(_ key: StateKey, _ database: Database) -> Found {
        guard size(of: key) != nil else { return .absent }
        return writer.withLock { writer in
            guard size(of: key) != nil else { return .absent }
            let found = read(key, database)
            if case .bytes = found { return found }
            state.withLock { state in
                _ = state.ledger.remove(key)
                if case .damaged = found { state.damaged += 1 }
            }
            if access == .readWrite { try? delete([key], &writer) }
            return found
        }
    }

    /// The most uses kept in memory only.
    private static let touchLimit = 4096
    static let cacheBytes = 4 << 20
    /// Memory per entry of the ledger: key and numbers, in a hash table that may be half empty, and two uses.
    private static let entryBytes = 240
}
