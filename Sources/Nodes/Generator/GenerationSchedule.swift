/// Whose turn it is, and who fits: answers in progress share a number of places and a number of bytes. Pure.
///
/// A round: admit what fits; read one part of one request's passages and prompt; generate one token of every answer
/// that has been read. So a short answer beside long ones ends after as many rounds as it has tokens, and reading
/// delays a running answer by one part per token, however many requests wait.
struct GenerationSchedule<ID: Hashable & Sendable> {
    private struct Entry {
        let id: ID
        var isReading: Bool
        var unreadTokens: Int
        /// Including its next token.
        var bytes: Int
    }

    let activeLimit: Int
    /// Bytes that active answers may hold together.
    let byteLimit: Int
    /// In the order in which they came.
    private var entries: [Entry] = []
    /// Bytes that suspended answers keep.
    private var kept: [ID: Int] = [:]
    private var isShortestsTurn = false

    init(activeLimit: Int, byteLimit: Int) {
        precondition(activeLimit > 0, "a generator with \(activeLimit) places answers nothing")
        self.activeLimit = activeLimit
        self.byteLimit = byteLimit
    }

    var count: Int { entries.count }

    /// Bytes that active answers hold, including their next tokens, and that suspended ones keep.
    var bytes: Int { entries.reduce(0) { $0 + $1.bytes } + kept.values.reduce(0, +) }

    var hasPlace: Bool { entries.count < activeLimit }

    /// Whether `id`, which needs `bytes` to begin, may be admitted now.
    func admits(_ id: ID, bytes: Int) -> Bool {
        hasPlace && bytes <= byteLimit - self.bytes + (kept[id] ?? 0)
    }

    mutating func admitted(_ id: ID, unreadTokens: Int, bytes: Int) {
        kept[id] = nil
        entries.append(Entry(id: id, isReading: true, unreadTokens: unreadTokens, bytes: bytes))
    }

    /// Records an active answer's progress.
    mutating func update(_ id: ID, isReading: Bool, unreadTokens: Int, bytes: Int) {
        guard let place = entries.firstIndex(where: { $0.id == id }) else { return }
        entries[place].isReading = isReading
        entries[place].unreadTokens = unreadTokens
        entries[place].bytes = bytes
    }

    /// Who reads a part now: alternately the first to come and the one with the least left to read, so that nobody
    /// starves and short requests do not wait for long ones.
    mutating func nextReader() -> ID? {
        defer { isShortestsTurn.toggle() }
        let reading = entries.filter(\.isReading)
        guard isShortestsTurn else { return reading.first?.id }
        return reading.min { $0.unreadTokens < $1.unreadTokens }?.id
    }

    /// All answers that have nothing left to read.
    var ready: [ID] { entries.filter { !$0.isReading }.map(\.id) }

    /// The latest answer to come, which has to give its memory back, while the answers need more than there is.
    var superfluous: ID? {
        entries.count > 1 && bytes > byteLimit ? entries.last?.id : nil
    }

    /// The answer waits again and keeps `keptBytes`.
    mutating func suspended(_ id: ID, keptBytes: Int) {
        removed(id)
        kept[id] = keptBytes
    }

    /// The answer has ended, for whatever reason.
    mutating func removed(_ id: ID) {
        entries.removeAll { $0.id == id }
        kept[id] = nil
    }
}
