import Cluster

/// Who has the places among the answers in progress, and who may have another one now. Pure.
struct GenerationPlaces: Equatable {
    private var taken: [RemoteClient: Int] = [:]
    /// Only clients that hold fewer may have one.
    var limit = Int.max

    mutating func take(_ client: RemoteClient) { taken[client, default: 0] += 1 }

    /// The places of a client.
    func held(_ client: RemoteClient) -> Int { taken[client] ?? 0 }

    /// The most places of any client.
    var most: Int { taken.values.max() ?? 0 }

    func admits(_ client: RemoteClient) -> Bool { held(client) < limit }
}
