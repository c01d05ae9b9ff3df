import CWire
public import Core

/// The load of a generator.
public struct GenerationFigures: Hashable, Sendable {
    /// Active answers.
    public var active: Int
    /// Requests that wait for a place or for memory, those included that gave theirs back.
    public var waiting: Int
    /// Passages and caches that active answers hold.
    public var bytes: ByteCount
    /// The most that they may hold together.
    public var limit: ByteCount
    /// Since the start: how often an answer gave its memory back and waited again.
    public var suspensions: Int
    /// Made since the start.
    public var tokens: Int

    public init(
        active: Int = 0, waiting: Int = 0, bytes: ByteCount = ByteCount(0), limit: ByteCount = ByteCount(0),
        suspensions: Int = 0, tokens: Int = 0
    ) {
        self.active = active
        self.waiting = waiting
        self.bytes = bytes
        self.limit = limit
        self.suspensions = suspensions
        self.tokens = tokens
    }
}

extension GenerationFigures: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__GenerationFigures>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            active: try unsafe count(stored.active, "generation_figures.active"),
            waiting: try unsafe count(stored.waiting, "generation_figures.waiting"),
            bytes: ByteCount(try unsafe count(stored.bytes, "generation_figures.bytes")),
            limit: ByteCount(try unsafe count(stored.limit, "generation_figures.limit")),
            suspensions: try unsafe count(stored.suspensions, "generation_figures.suspensions"),
            tokens: try unsafe count(stored.tokens, "generation_figures.tokens"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__GenerationFigures> {
        let stored = unsafe arena.make(imprag__generation_figures__init)
        unsafe stored.pointee.active = UInt64(clamping: active)
        unsafe stored.pointee.waiting = UInt64(clamping: waiting)
        unsafe stored.pointee.bytes = UInt64(clamping: bytes.bytes)
        unsafe stored.pointee.limit = UInt64(clamping: limit.bytes)
        unsafe stored.pointee.suspensions = UInt64(clamping: suspensions)
        unsafe stored.pointee.tokens = UInt64(clamping: tokens)
        return unsafe stored
    }
}
