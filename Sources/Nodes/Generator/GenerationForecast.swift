import Cluster
import Core

/// What a request may expect of a generator: work that cannot be done in time is not begun. Pure.
///
/// Reading is serial, so the first token comes after all that is read before. With all places taken, a place becomes
/// free as often as the answers in progress end; the one for whom others then wait is begun only if it will probably be
/// finished, as nobody is served by answers that are cut at their deadlines. An idle generator begins whatever comes:
/// nothing better waits, and what it measures on the way is how it learns that it has become faster.
///
/// A client with less than its share of the places gets one at once, and reads in turn with the others.
struct GenerationForecast {
    /// What a request needs.
    struct Work: Equatable {
        /// To be read before its first token.
        var readTokens: Int
        /// The most that are to be generated.
        var maxTokens: Int
    }

    /// What a client has of requests.
    struct Load: Equatable {
        var requests = 0
        /// Tokens that these have to read.
        var unreadTokens = 0

        static let none = Load()

        mutating func add(_ unread: Int) {
            requests += 1
            unreadTokens += unread
        }
    }

    var pace = GenerationPace()
    let places: Int
    /// Requests that have a place, or wait for nothing but memory or their turn.
    private(set) var loads: [RemoteClient: Load] = [:]

    init(places: Int) { self.places = places }

    /// What is there after a round.
    mutating func update(_ loads: [RemoteClient: Load]) { self.loads = loads }

    /// A request is begun.
    mutating func begin(_ work: Work, of client: RemoteClient) {
        loads[client, default: .none].add(work.readTokens)
    }

    /// The error for a request that would not be done by its deadline; nil for one that may be.
    ///
    /// - Parameters:
    ///   - client: whose it is.
    ///   - left: until its deadline.
    ///   - ahead: the requests whose turn comes before its own, and the tokens that they have to read.
    ///   - waiting: what waits to be begun, by client.
    ///   - othersWait: whether somebody else would have its place.
    func refusal(
        of work: Work, from client: RemoteClient, left: Duration, ahead: (requests: Int, readTokens: Int) = (0, 0),
        waiting: [RemoteClient: Load] = [:], othersWait: Bool = false
    ) -> ImpRAGError? {
        let taken = loads.values.reduce(0) { $0 + $1.requests }
        guard taken + ahead.requests > 0 else { return nil }
        // How many of those before it have to end for it to have a place.
        let ends = max(0, taken + ahead.requests + 1 - places)
        let wait: Double
        if let unread = unreadInTurn(before: work, of: client, waiting: waiting) {
            wait = pace.secondsPerReadToken * Double(unread)
        } else {
            let unread = loads.values.reduce(ahead.readTokens) { $0 + $1.unreadTokens }
            wait = max(
                pace.secondsPerReadToken * Double(unread), pace.secondsPerAnswer * Double(ends) / Double(places))
        }
        var own = pace.secondsPerReadToken * Double(work.readTokens)
        if ends > 0 || othersWait { own += pace.secondsPerStep * pace.usualLength * Double(work.maxTokens) }
        let milliseconds = 1000 * (wait + own)
        let remaining = left / .milliseconds(1)
        guard milliseconds > remaining else { return nil }
        return ImpRAGError(
            .resourceExhausted,
            "the answer would take about \(Self.whole(milliseconds)) ms, with what is before it, and "
                + "\(Self.whole(max(0, remaining))) ms are left; try again in \(Self.whole(milliseconds - remaining)) ms"
        )
    }

    /// Tokens that are read before those of a request whose client has less than its share of the places; nil with its
    /// share.
    private func unreadInTurn(before work: Work, of client: RemoteClient, waiting: [RemoteClient: Load]) -> Int? {
        var all = loads
        for (client, load) in waiting {
            all[client, default: .none].requests += load.requests
            all[client, default: .none].unreadTokens += load.unreadTokens
        }
        let own = all.removeValue(forKey: client) ?? .none
        guard own.requests < places / (all.count + 1) else { return nil }
        // Of each other client, as much as of this one meanwhile.
        return all.values.reduce(own.unreadTokens) { $0 + min($1.unreadTokens, own.unreadTokens + work.readTokens) }
    }

    /// Rounded up, and never too large to say.
    private static func whole(_ milliseconds: Double) -> Int { Int(min(milliseconds, 1e9).rounded(.up)) }
}
