import Cluster
import Core
import Messaging
import Model
import Platform
import Wire

/// Embeds texts for clients. They go through the queue of prompts, a few at a time, so that clients take turns, and an
/// ask never waits behind a long list of somebody else's.
struct Embedder: Sendable {
    let encoder: any PromptEncoder
    let batcher: PromptBatcher
    let tokenizers: FairWorkers<ClientKey>
    let memory: ByteBudget
    let check: RequestCheck
    let clock: any Clock

    /// Texts of one request that are on their way at once: enough for the next batch to gather while one computes.
    static let window = 8

    private struct Vector {
        let place: Int
        let numbers: [Float]
        let tokenCount: Int
        let isCut: Bool
    }

    /// The reply, and its tensor.
    ///
    /// - Throws: `invalidArgument` for texts that the model cannot take, naming one of them; `resourceExhausted`,
    ///   `deadlineExceeded`, `cancelled`.
    func embed(_ embed: EmbedRequest, for request: IncomingRequest) async throws(ImpRAGError) -> (EmbedReply, Tensor) {
        try check.embed(embed)
        let count = embed.texts.count
        let width = encoder.shape.keyWidth
        // The vectors one by one, and all of them in the reply.
        let reservation = try ByteReservation(
            ByteCount.product(2, count, width, 4), of: memory, for: "the vectors of these texts")
        defer { reservation.release() }
        let result = await withTaskGroup(of: Result<Vector, ImpRAGError>.self) { group in
            var begun = 0
            func begin() {
                guard begun < count else { return }
                group.addTask { [begun] in await self.vector(of: begun, in: embed, for: request) }
                begun += 1
            }
            for _ in 0..<Self.window { begin() }
            var vectors: [Vector] = []
            vectors.reserveCapacity(count)
            for await result in group {
                switch result {
                case .success(let vector): vectors.append(vector)
                case .failure(let error):
                    group.cancelAll()
                    return Result<[Vector], ImpRAGError>.failure(error)
                }
                begin()
            }
            return .success(vectors.sorted { $0.place < $1.place })
        }
        let vectors = try result.get()
        return (
            EmbedReply(tokenCounts: vectors.map(\.tokenCount), cuts: vectors.map(\.isCut)),
            Tensor(vectors.flatMap(\.numbers), shape: [count, width])
        )
    }

    private func vector(
        of place: Int, in embed: EmbedRequest, for request: IncomingRequest
    ) async -> Result<Vector, ImpRAGError> {
        do throws(ImpRAGError) {
            let (tokens, isCut) = try await tokens(of: embed.texts[place], as: embed.role, for: request.client)
            if embed.role == .query { try check.promptLength(tokens.count, k: 0) }
            let encoded = Promise<EncodedPrompt>()
            try batcher.encode(
                PromptBatcher.Job(
                    tokens: tokens, k: 0, role: embed.role, client: request.client, deadline: request.deadline,
                    arrival: clock.now, isWanted: { [encoded] in !request.isCancelled && !encoded.isSettled },
                    finish: { [encoded] in encoded.fulfil($0) }))
            let vector = try await encoded.value().queryEmbedding
            return .success(Vector(place: place, numbers: vector, tokenCount: tokens.count, isCut: isCut))
        } catch {
            guard error.code == .invalidArgument || error.code == .failedPrecondition else { return .failure(error) }
            return .failure(ImpRAGError(error.code, "texts[\(place)]: \(error.message)", cause: error.cause))
        }
    }

    private func tokens(
        of text: String, as role: EmbeddingRole, for client: ClientKey
    ) async throws(ImpRAGError) -> (tokens: [Int32], isCut: Bool) {
        let promise = Promise<(tokens: [Int32], isCut: Bool)>()
        try tokenizers.submit(of: client, refuse: { promise.fulfil(.failure($0)) }) { [encoder] in
            guard !promise.isSettled else { return }
            promise.fulfil { () throws(ImpRAGError) in
                switch role {
                case .query: (try encoder.tokens(ofPrompt: text), false)
                case .passage: try encoder.tokens(ofPassage: text)
                }
            }
        }
        return try await promise.value()
    }
}
