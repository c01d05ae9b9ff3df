import Core

/// The orders that wait to be begun. Callers take turns, so that one with many does not starve one with a few; the
/// orders of one caller are in order of arrival. Answers that another generator has begun come before all others: their
/// clients have waited already. Pure.
struct GenerationQueue {
    private struct Line {
        let caller: String
        var orders: [GenerationOrder] = []
    }

    /// Of new requests, and again of answers that were begun elsewhere.
    let limit: Int
    /// The first one's turn is next. None is empty.
    private var lines: [Line] = []
    private var moved: [GenerationOrder] = []

    init(limit: Int) { self.limit = limit }

    var count: Int { moved.count + newCount }
    var isEmpty: Bool { moved.isEmpty && lines.isEmpty }

    private var newCount: Int { lines.reduce(0) { $0 + $1.orders.count } }

    /// What becomes of an order.
    enum Admission: Equatable {
        case admitted
        /// The order of that number, the latest of the caller with the most, gave way to it.
        case inPlaceOf(Int)
        case full
    }

    mutating func append(_ order: GenerationOrder) -> Admission {
        guard order.job.resumeTokens.isEmpty else {
            guard moved.count < limit else { return .full }
            moved.append(order)
            return .admitted
        }
        var admission = Admission.admitted
        if newCount >= limit {
            let own = lines.first { $0.caller == order.caller }?.orders.count ?? 0
            guard let longest = lines.indices.max(by: { lines[$0].orders.count < lines[$1].orders.count }),
                lines[longest].orders.count > own + 1, let last = lines[longest].orders.popLast()
            else { return .full }
            admission = .inPlaceOf(last.id)
        }
        if let place = lines.firstIndex(where: { $0.caller == order.caller }) {
            lines[place].orders.append(order)
        } else {
            lines.append(Line(caller: order.caller, orders: [order]))
        }
        return admission
    }

    /// Takes the order whose turn it is.
    mutating func next() -> GenerationOrder? {
        if !moved.isEmpty { return moved.removeFirst() }
        guard !lines.isEmpty else { return nil }
        var line = lines.removeFirst()
        let order = line.orders.removeFirst()
        if !line.orders.isEmpty { lines.append(line) }
        return order
    }

    /// How many orders a further one of `caller` would have before it, and the tokens that these have to read.
    func ahead(of caller: String) -> (requests: Int, readTokens: Int) {
        let own = lines.first { $0.caller == caller }?.orders.count ?? 0
        var before = moved
        for line in lines {
            // One of each other caller goes with each of its own, and one more may have its turn before.
            before += line.caller == caller ? line.orders : Array(line.orders.prefix(own + 1))
        }
        return (before.count, before.reduce(0) { $0 + $1.work.readTokens })
    }

    /// Returns the numbers of the orders that it removed.
    mutating func removeAll(where isUnwanted: (GenerationOrder) -> Bool) -> [Int] {
        let unwanted = (moved + lines.flatMap(\.orders)).filter(isUnwanted).map(\.id)
        moved.removeAll { unwanted.contains($0.id) }
        for place in lines.indices { lines[place].orders.removeAll { unwanted.contains($0.id) } }
        lines.removeAll { $0.orders.isEmpty }
        return unwanted
    }
}
