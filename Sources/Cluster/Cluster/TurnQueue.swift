/// What waits for something that there is one of at a time: clients take turns, and each one's go in order. Pure.
package struct TurnQueue<Client: Hashable, Item: Equatable> {
    private var items: [Client: [Item]] = [:]
    /// The clients with items; the next one first.
    private var turns: [Client] = []

    package init() {}

    package var isEmpty: Bool { turns.isEmpty }

    package mutating func add(_ item: Item, of client: Client) {
        if items[client] == nil { turns.append(client) }
        items[client, default: []].append(item)
    }

    /// Takes the next item.
    package mutating func next() -> Item? { turns.isEmpty ? nil : take(at: 0).item }

    /// Takes the next item of a client that has the fewest of what is waited for.
    package mutating func next(held: (Client) -> Int) -> (item: Item, client: Client)? {
        turns.indices.min { held(turns[$0]) < held(turns[$1]) }.map { take(at: $0) }
    }

    private mutating func take(at place: Int) -> (item: Item, client: Client) {
        let client = turns.remove(at: place)
        guard var own = items.removeValue(forKey: client), !own.isEmpty else {
            preconditionFailure("a turn without an item")
        }
        let item = own.removeFirst()
        if !own.isEmpty {
            items[client] = own
            turns.append(client)
        }
        return (item, client)
    }

    package mutating func remove(_ item: Item, of client: Client) {
        items[client]?.removeAll { $0 == item }
        guard items[client]?.isEmpty == true else { return }
        items[client] = nil
        turns.removeAll { $0 == client }
    }

    /// Takes the latest item of the client with the most, if that one has more than one beyond those of `client`.
    package mutating func displaced(by client: Client) -> Item? {
        guard let longest = turns.max(by: { count($0) < count($1) }), count(longest) > count(client) + 1 else {
            return nil
        }
        return items[longest]?.popLast()
    }

    private func count(_ client: Client) -> Int { items[client]?.count ?? 0 }
}
