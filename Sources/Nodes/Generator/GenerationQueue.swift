import Cluster
import Core

/// The orders that wait to be begun. Clients take turns, first those that hold the fewest places, so that one with many
/// orders does not starve one with a few; the orders of one client are in order of arrival. Answers that another
/// generator has begun come before all others: their clients have waited already. Pure.
struct GenerationQueue {
    private struct Line {
        let client: RemoteClient
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
        /// The order of that number, the latest of the client with the most, gave way to it.
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
            let own = lines.first { $0.client == order.client }?.orders.count ?? 0
            guard let longest = lines.indices.max(by: { lines[$0].orders.count < lines[$1].orders.count }),
                lines[longest].orders.count > own + 1, let last = lines[longest].orders.popLast()
            else { return .full }
            admission = .inPlaceOf(last.id)
        }
        if let place = lines.firstIndex(where: { $0.client == order.client }) {
            lines[place].orders.append(order)
        } else {
            lines.append(Line(client: order.client, orders: [order]))
        }
        return admission
    }

    /// Takes the order whose turn it is, if there is a place for its client.
    mutating func next(_ places: GenerationPlaces = GenerationPlaces()) -> GenerationOrder? {
        if let first = moved.indices.first(where: { places.admits(moved[$0].client) }) {
            return moved.remove(at: first)
        }
        let open = lines.indices.filter { places.admits(lines[$0].client) }
        guard let place = open.min(by: { places.held(lines[$0].client) < places.held(lines[$1].client) }) else {
            return nil
        }
        var line = lines.remove(at: place)
        let order = line.orders.removeFirst()
        if !line.orders.isEmpty { lines.append(line) }
        return order
    }

    /// How many orders a further one of `client` would have before it, and the tokens that these have to read.
    func ahead(of client: RemoteClient) -> (requests: Int, readTokens: Int) {
        let own = lines.first { $0.client == client }?.orders.count ?? 0
        var before = moved
        for line in lines {
            // One of each other client goes with each of its own, and one more may have its turn before.
            before += line.client == client ? line.orders : Array(line.orders.prefix(own + 1))
        }
        return (before.count, before.reduce(0) { $0 + $1.work.readTokens })
    }

    /// What waits, by client.
    var loads: [RemoteClient: GenerationForecast.Load] {
        var loads: [RemoteClient: GenerationForecast.Load] = [:]
        for order in moved + lines.flatMap(\.orders) { loads[order.client, default: .none].add(order.work.readTokens) }
        return loads
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
