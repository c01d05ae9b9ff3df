import ClusterConfiguration
import Core
import Messaging
import PassageStore
import Wire

extension ShardService {
    func answer(_ fetch: FetchStatesRequest, _ request: IncomingRequest) async throws(ImpRAGError) {
        try requireModel(of: request, "fetch_states")
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
        try requireModel(of: request, "store_states")
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

    private func requireModel(of request: IncomingRequest, _ name: String) throws(ImpRAGError) {
        guard let theirs = request.fingerprint else {
            throw ImpRAGError(.invalidArgument, "\(name) has no fingerprint; that of the states' model is needed")
        }
        guard theirs == fingerprint else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(name) is about states of the model \(theirs), but this shard holds passages of \(fingerprint)")
        }
    }
}
