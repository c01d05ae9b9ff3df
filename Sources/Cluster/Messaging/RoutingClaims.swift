/// Which key each routing id belongs to that a client has chosen itself: the first one that claimed it. Pure.
///
/// A ROUTER gives an answer to whoever has the routing id then. An id that stays with its key, also while nobody is connected
/// by it, cannot be taken over by another one, and its holder may come back under it.
struct RoutingClaims {
    /// Of one key; beyond it, its oldest is forgotten.
    static let limit = 1024

    private var owners: [[UInt8]: String] = [:]
    /// In the order in which they were claimed.
    private var claims: [String: [[UInt8]]] = [:]

    /// Whether the holder of `key` may connect with that routing id; an empty one leaves the choice to the node.
    mutating func admits(_ routingID: [UInt8], of key: String) -> Bool {
        guard let first = routingID.first else { return true }
        // Those that the node chooses.
        guard first != 0 else { return false }
        if let owner = owners[routingID] { return owner == key }
        owners[routingID] = key
        claims[key, default: []].append(routingID)
        if let own = claims[key], own.count > Self.limit {
            owners[own[0]] = nil
            claims[key]?.removeFirst()
        }
        return true
    }
}
