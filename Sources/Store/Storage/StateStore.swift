public import Core
internal import Platform
internal import RocksDB
internal import Synchronization

/// A bounded store of passage states on the disk, beside a partition. The layout is described in `PassageStateFormat.swift`.
///
/// Whatever is in it can be computed again: the least recently used goes when the budget is full, what is damaged goes
/// when it is noticed, and a store of another model is emptied when it is opened for writing. What comes out is always
/// what was put in under the same key.
///
/// Any thread may read and write: writers wait for each other, readers for nobody. Reads and writes block: call them
/// from a thread of your own.
public final class StateStore: Sendable {
    public enum Access: Sendable {
        /// What is there when it is opened; nothing on the disk changes. Any number of processes at once.
        case readOnly
        /// Keeps other writers out, of every process.
        case readWrite
    }

    /// The database's directory.
    public let path: String
    public let fingerprint: Fingerprint
    /// Why what was there when it was opened is not used, as a sentence for the log; nil when it is, or nothing was.
    public let discarded: String?

    let limits: Limits
    let access: Access
    /// Nil when there is nothing to read and nothing may be written.
    let database: Database?
    let state: Mutex<State>
    /// Held through the whole of every write. Whoever needs both takes this one first.
    let writer = Mutex(WriterState())
    /// What the disk of a path has left; tests bring their own.
    let availableSpace: @Sendable (String) -> ByteCount?

    /// What a store may take.
    struct Limits {
        /// What all states together may count for.
        let budget: ByteCount
        /// Memory for each buffer of recent writes: an even part of a small budget, so that little stands on the disk beside it.
        let writeBufferBytes: Int

        init(budget: ByteCount, writeBufferLimit: Int = 32 << 20) {
            self.budget = budget
            writeBufferBytes = max(min(budget.bytes / 32, writeBufferLimit), 64 << 10)
        }

        /// Space that stays free: RocksDB meets a full disk in the middle of a write, and in Debian's build may end the
        /// process on an assertion.
        var reserveBytes: Int { 64 << 20 + 3 * writeBufferBytes }
    }

    struct State {
        var ledger: StateLedger
        /// Keys whose last use the disk does not know.
        var touched: Set<StateKey> = []
        var hits = 0
        var misses = 0
        var evictions = 0
        var damaged = 0
    }

    /// What is known to the one who writes.
    struct WriterState {
        /// What RocksDB said when it failed; nothing is written after that.
        var failure: RocksDBError?
        /// Bytes written since the disk use was looked at.
        var unchecked = 0
    }

    /// Opens the store in the directory `path`, or makes it.
    ///
    /// - Parameters:
    ///   - fingerprint: of the model whose states these are. Those of another are not seen, and removed by a writer.
    ///   - budget: what all states together may count for. With 0, a writer reads and writes nothing. Without meaning
    ///     for a reader.
    ///   - writeBufferLimit: memory for each buffer of recent writes at most; a writer has up to three.
    /// - Throws: to a writer: `unavailable` when another process writes to it or the system refuses,
    ///   `resourceExhausted` when the disk is too full. To a reader nothing: it finds what can be read.
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
        // The budget may be smaller than it was.
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

    /// What the store takes in memory: cache, recent writes, tables, and its list of entries.
    public var memory: ByteCount {
        guard let database else { return ByteCount(0) }
        let writes = access == .readOnly ? 0 : 3 * limits.writeBufferBytes
        let tables = database.property("rocksdb.estimate-table-readers-mem", of: PassageStateFormat.family) ?? 0
        return ByteCount(Self.cacheBytes + writes + tables + state.withLock { $0.ledger.count } * Self.entryBytes)
    }

    /// Bytes of the state `key`; nil when it is not there. Does not count as a use.
    public func size(of key: StateKey) -> Int? {
        state.withLock { $0.ledger.size(of: key) }.map { $0 - PassageStateFormat.overheadBytes }
    }

    /// The keys of all states, the least recently used first.
    public var keys: [StateKey] { state.withLock { $0.ledger.keys } }

    /// Whether a state of `byteCount` bytes fits beside those that are there.
    public func hasRoom(for byteCount: Int) -> Bool {
        state.withLock { $0.ledger.bytes } <= budget.bytes - byteCount - PassageStateFormat.overheadBytes
    }

    /// The state `key` as it was inserted; nil when it is not there, or damaged.
    public func value(for key: StateKey) -> [UInt8]? {
        guard let database, state.withLock({ $0.ledger.touch(key) }) else {
            state.withLock { $0.misses += 1 }
            return nil
        }
        var found = read(key, database)
        // Perhaps it went, or came again, in the meantime; with the writer's lock nothing moves.
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
            // Not now when somebody writes: the next reader comes by soon.
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
            // Beside a writer, a reader's files go when they hold nothing that lives.
            return error.code == .dataLoss && !(access == .readOnly && error.isMissingFile) ? .damaged : .absent
        }
    }

    /// Reads what could not be read once more while nobody writes, and forgets it when it is still not what it should be.
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

    /// Uses that wait in memory at most.
    private static let touchLimit = 4096
    static let cacheBytes = 4 << 20
    /// Memory of an entry of the ledger: its key and numbers in a table that may be half empty, and two uses of it.
    private static let entryBytes = 240
}
