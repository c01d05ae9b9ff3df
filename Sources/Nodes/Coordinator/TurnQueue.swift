/// What waits for something that there is one of at a time: clients take turns, and each one's go in order. Pure.
struct TurnQueue<Client: Hashable, Item: Equatable> {
    private var items: [Client: [Item]] = [:]
    /// The clients with items; the next one first.
    private var turns: [Client] = []

    var isEmpty: Bool { turns.isEmpty }

    mutating func add(_ item: Item, of client: Client) {
        if items[client] == nil { turns.append(client) }
        items[client, default: []].append(item)
    }

    /// Takes the next item.
    mutating func next() -> Item? {
        guard !turns.isEmpty else { return nil }
        let client = turns.removeFirst()
        let item = items[client]?.removeFirst()
        if items[client]?.isEmpty == true { items[client] = nil } else { turns.append(client) }
        return item
    }

    mutating func remove(_ item: Item, of client: Client) {
        items[client]?.removeAll { $0 == item }
        guard items[client]?.isEmpty == true else { return }
        items[client] = nil
        turns.removeAll { $0 == client }
    }
}
