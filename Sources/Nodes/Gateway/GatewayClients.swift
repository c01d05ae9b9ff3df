import Client
import Core
import Messaging
import Synchronization
import Wire

/// Clients of the coordinators, one for each collection that was asked for, over the same connections.
final class GatewayClients: Sendable {
    /// Asks for whatever is served.
    private let shared: ClusterClient
    /// By collection. Each knows which coordinator serves it.
    private let clients = Mutex<[ByteString: ClusterClient]>([:])

    static let limit = 64

    init(_ client: ClusterClient) {
        shared = client
    }

    /// The client for a request's `model`: a collection's name or alias; `default` and nothing are whatever is served.
    func client(for model: String) throws(ImpRAGError) -> ClusterClient {
        let collection = Self.collection(model)
        guard !collection.isEmpty else { return shared }
        guard collection.utf8.count <= Envelope.collectionLimit else { throw Self.nobody(serves: model).error }
        return try clients.withLock { clients throws(ImpRAGError) in
            if let known = clients[ByteString(collection)] { return known }
            guard clients.count < Self.limit else {
                throw ImpRAGError(.resourceExhausted, "\(clients.count) collections are in use, the most there may be")
            }
            let client = try shared.client(for: collection)
            clients[ByteString(collection)] = client
            return client
        }
    }

    /// What an error of `model`'s client is to its caller. A collection that nobody serves is forgotten.
    func failure(_ error: ImpRAGError, for model: String) -> GatewayFailure {
        guard (error.cause as? RemoteFailure)?.isOtherCollection == true else { return GatewayFailure(error) }
        _ = clients.withLock { $0.removeValue(forKey: ByteString(Self.collection(model))) }
        return Self.nobody(serves: model)
    }

    private static func nobody(serves model: String) -> GatewayFailure {
        let message = "there is no model \"\(model)\": no coordinator serves a collection of that name"
        return GatewayFailure(ImpRAGError(.notFound, message), param: "model")
    }

    func close() {
        shared.close()
    }

    private static func collection(_ model: String) -> String { model == "default" ? "" : model }
}
