import Core
import Messaging

/// Which requests a coordinator takes: as many as its limit says, each client no more than its share of them while
/// others ask too, and none that cannot be answered in time. Pure.
struct RequestGate<Client: Hashable & Sendable> {
    enum Kind: Hashable, Sendable { case ask, search, other }

    /// A request that was let in.
    struct Ticket: Sendable {
        fileprivate let client: Client
        fileprivate let kind: Kind
        fileprivate let arrival: ContinuousClock.Instant
        fileprivate let deadline: ContinuousClock.Instant
        /// Requests of its kind when it began, itself included.
        fileprivate let company: Int
    }

    /// The most requests in the works.
    let limit: Int
    private var byClient: [Client: Int] = [:]
    private var admissions: [Kind: Admission] = [:]
    private(set) var count = 0

    /// A refused request is not told to come back sooner than this.
    static var shortestRetry: Duration { .milliseconds(10) }

    init(limit: Int) {
        self.limit = limit
    }

    /// Lets a request in.
    ///
    /// - Throws: `resourceExhausted`, with a `RetryAfter`.
    mutating func enter(
        _ client: Client, _ kind: Kind, deadline: ContinuousClock.Instant, at now: ContinuousClock.Instant
    ) throws(ImpRAGError) -> Ticket {
        let own = byClient[client] ?? 0
        let clients = byClient.count + (own == 0 ? 1 : 0)
        try requirePlace(own: own, clients: clients, kind)
        var admission = admissions[kind] ?? Admission()
        defer { admissions[kind] = admission }
        if kind != .other {
            // Clients take turns, so no request waits for more than as many of each other client as there are of its
            // own.
            let place = min(admission.count + 1, (own + 1) * clients)
            if let wait = admission.refusal(left: deadline - now, place: place, at: now) {
                throw Self.refusal(
                    "\(admission.count) requests are in the works, and this one would not be answered before its deadline",
                    wait)
            }
        }
        admission.began()
        count += 1
        byClient[client] = own + 1
        return Ticket(client: client, kind: kind, arrival: now, deadline: deadline, company: admission.count)
    }

    /// - Parameter error: why it failed; nil when it was answered.
    mutating func leave(_ ticket: Ticket, _ error: ImpRAGError?, at now: ContinuousClock.Instant) {
        count -= 1
        let own = (byClient[ticket.client] ?? 1) - 1
        byClient[ticket.client] = own > 0 ? own : nil
        // Its client may have cancelled it the moment before.
        let isOver = now - ticket.arrival >= (ticket.deadline - ticket.arrival) * 0.9
        admissions[ticket.kind]?.ended(
            time: error == nil ? now - ticket.arrival : nil, company: ticket.company,
            isLate: error.map { isOver || $0.code == .deadlineExceeded } ?? isOver, at: now)
    }

    /// Throws when the limit is reached, or the client's share of it while the half is in use.
    private func requirePlace(own: Int, clients: Int, _ kind: Kind) throws(ImpRAGError) {
        guard count < limit else {
            throw Self.refusal("\(limit) requests are in the works, which is the limit", halfTime(kind))
        }
        // A sixteenth is for clients that come yet.
        let share = max(1, (limit - limit / 16) / clients)
        guard own < share || count < limit / 2 else {
            throw Self.refusal(
                "\(own) requests of this client are in the works, and its share of \(limit) is \(share), with \(clients) "
                    + (clients == 1 ? "client" : "clients"), halfTime(kind))
        }
    }

    /// In which half of the requests in the works are answered, as far as that is known.
    private func halfTime(_ kind: Kind) -> Duration { (admissions[kind]?.share ?? .zero) * count / 2 }

    private static func refusal(_ reason: String, _ wait: Duration) -> ImpRAGError {
        let retry = RetryAfter(max(shortestRetry, min(wait, .seconds(60))))
        return ImpRAGError(.resourceExhausted, "\(reason); \(retry)", cause: retry)
    }
}
