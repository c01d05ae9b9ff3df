import Cluster

/// Whose turn it is, and who fits: answers in progress share a number of places and a number of bytes. Pure.
///
/// A round: admit what fits; read one part of one request's passages and prompt; generate one token of every answer
/// that has been read. So a short answer beside long ones ends after as many rounds as it has tokens, and reading
/// delays a running answer by one part per token, however many requests wait.
///
/// Clients share the places and the reading. An answer of a client that has none, or less than a fourth of another
/// one's, need not wait until a place becomes free: the latest answer of the client with the most is *paused*. It keeps
/// its memory and has lost nothing when it goes on, as soon as a place is free that nobody with fewer wants. (Where
/// anybody with two places fewer had one at once, clients with equal loads paused each other's answers, past their
/// deadlines.)
struct GenerationSchedule<ID: Hashable & Sendable> {
    private struct Entry {
        let id: ID
        let client: RemoteClient
        var isReading = true
        var isPaused = false
        var unreadTokens: Int
        /// Including its next token.
        var bytes: Int
        /// Its place in the order of reading.
        let start: Int
    }

    let activeLimit: Int
    /// Bytes that active and paused answers may hold together.
    let byteLimit: Int
    /// In the order in which they came.
    private var entries: [Entry] = []
    /// Bytes that suspended answers keep.
    private var kept: [ID: Int] = [:]
    private var isShortestsTurn = false
    /// Where the next answer of a client comes in the order of reading, if that is not whose turn it is now.
    private var nextStart: [RemoteClient: Int] = [:]
    /// The start of the answer whose turn it was last.
    private var readTurn = 0

    init(activeLimit: Int, byteLimit: Int) {
        precondition(activeLimit > 0, "a generator with \(activeLimit) places answers nothing")
        self.activeLimit = activeLimit
        self.byteLimit = byteLimit
    }

    /// Answers that have a place.
    var count: Int { entries.count { !$0.isPaused } }

    /// Bytes that active and paused answers hold, including their next tokens, and that suspended ones keep.
    var bytes: Int { entries.reduce(0) { $0 + $1.bytes } + kept.values.reduce(0, +) }

    var isEmpty: Bool { entries.isEmpty }

    var hasPlace: Bool { count < activeLimit }

    /// Whether `id`, which needs `bytes` to begin, has the memory for that now.
    func fits(_ id: ID, bytes: Int) -> Bool { bytes <= byteLimit - self.bytes + (kept[id] ?? 0) }

    /// Whether it may be admitted now without anybody being paused.
    func admits(_ id: ID, bytes: Int) -> Bool { hasPlace && fits(id, bytes: bytes) }

    mutating func admitted(_ id: ID, of client: RemoteClient, unreadTokens: Int, bytes: Int) {
        kept[id] = nil
        // Who comes back has no credit from the time in which it wanted nothing.
        let start = max(readTurn, nextStart[client] ?? readTurn)
        nextStart[client] = start + unreadTokens
        entries.append(Entry(id: id, client: client, unreadTokens: unreadTokens, bytes: bytes, start: start))
    }

    /// Records an active answer's progress.
    mutating func update(_ id: ID, isReading: Bool, unreadTokens: Int, bytes: Int) {
        guard let place = entries.firstIndex(where: { $0.id == id }) else { return }
        entries[place].isReading = isReading
        entries[place].unreadTokens = unreadTokens
        entries[place].bytes = bytes
    }

    /// Who reads a part now: alternately the first in the order of reading and the one with the least left to read, so
    /// that nobody starves and short requests do not wait for long ones.
    ///
    /// An answer's place in that order is what its client has had to read before it, as in start-time fair queueing
    /// (Goyal, Vin, Cheng 1996). One is read to its end before the next is begun: that parts of all clients' answers
    /// took turns made all of them late under load.
    mutating func nextReader() -> ID? {
        defer { isShortestsTurn.toggle() }
        let reading = entries.filter { $0.isReading && !$0.isPaused }
        guard let first = reading.min(by: { $0.start < $1.start }) else { return nil }
        if first.start > readTurn {
            readTurn = first.start
            nextStart = nextStart.filter { $0.value > readTurn }
        }
        guard isShortestsTurn else { return first.id }
        return reading.min { ($0.unreadTokens, $0.start) < ($1.unreadTokens, $1.start) }?.id
    }

    /// All answers with a place that have nothing left to read.
    var ready: [ID] { entries.filter { !$0.isReading && !$0.isPaused }.map(\.id) }

    /// An answer that has to give its memory back, while they need more than there is: of the paused ones, if there are
    /// any, the latest to come.
    var superfluous: ID? {
        guard entries.count > 1, bytes > byteLimit else { return nil }
        return (entries.last(where: \.isPaused) ?? entries.last)?.id
    }

    /// The answer waits again and keeps `keptBytes`.
    mutating func suspended(_ id: ID, keptBytes: Int) {
        removed(id)
        kept[id] = keptBytes
    }

    /// The answer has ended, for whatever reason.
    mutating func removed(_ id: ID) {
        kept[id] = nil
        entries.removeAll { $0.id == id }
        if entries.isEmpty { nextStart = [:] }
    }

    // MARK: Clients

    /// Who has the places, and who may have the next one: with a free one, clients that hold fewer than those with
    /// paused answers; without, clients for which somebody else's answer may be paused.
    var places: GenerationPlaces {
        var places = GenerationPlaces()
        for entry in entries where !entry.isPaused { places.take(entry.client) }
        if hasPlace {
            places.limit = entries.filter(\.isPaused).map { places.held($0.client) }.min() ?? .max
        } else {
            places.limit = entries.count < 2 * activeLimit ? min(places.most - 1, max(1, places.most / 4)) : 0
        }
        return places
    }

    /// Gives the place of the latest answer of the client with the most to somebody else. Only when none is free.
    mutating func pause() {
        let places = places
        guard let place = entries.lastIndex(where: { !$0.isPaused && places.held($0.client) == places.most }) else {
            return
        }
        entries[place].isPaused = true
    }

    /// Gives a free place back to the first paused answer of the client that holds the fewest. Returns false when there
    /// is none.
    mutating func resume() -> Bool {
        let places = places
        let paused = entries.indices.filter { entries[$0].isPaused }
        guard hasPlace,
            let place = paused.min(by: { places.held(entries[$0].client) < places.held(entries[$1].client) })
        else { return false }
        entries[place].isPaused = false
        return true
    }
}
