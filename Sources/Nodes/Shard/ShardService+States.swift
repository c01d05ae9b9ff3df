import Cluster
import Core
import Messaging
import Storage
import Wire

extension ShardService {
    func answer(_ fetch: FetchStatesRequest, _ request: IncomingRequest) async throws(ImpRAGError) {
        try request.require(fingerprint, of: "the states to fetch", here: Self.holding)
        guard request.tensors.isEmpty else {
            throw ImpRAGError(
                .invalidArgument, "fetch_states carries \(request.tensors.count) tensors; none is right")
        }
        guard let states else {
            request.reply(.fetchStates(FetchStatesReply(presence: fetch.keys.map { _ in .absent })))
            return
        }
        try await states.answer(fetch.keys, request)
    }

    func answer(_ store: StoreStatesRequest, _ request: IncomingRequest) async throws(ImpRAGError) {
        try request.require(fingerprint, of: "the states to store", here: Self.holding)
        let descriptions = request.tensors.map(\.description)
        guard descriptions.count == store.keys.count,
            descriptions.allSatisfy({ $0.dataType == .uint8 && $0.shape.count == 1 })
        else {
            throw ImpRAGError(
                .invalidArgument,
                "store_states carries \(store.keys.count) keys and the tensors "
                    + "\(descriptions.prefix(4).map(\.description).joined(separator: ", ")); one uint8[bytes] for each key is right"
            )
        }
        let stored = try await states?.store(store.keys, request) ?? 0
        request.reply(.storeStates(StoreStatesReply(stored: stored)))
    }
}
