import Cluster
import Core
import Messaging
import Platform
import Wire

extension ShardService {
    func answer(_ upsert: ShardUpsertRequest, _ request: IncomingRequest) async throws(ImpRAGError) {
        try checkCount(upsert.passages.count, "passages")
        let tensor = try vectors(of: request, "update", "passage")
        // Vectors as received, in bf16 and by partition; passages as received and in the batch being written.
        let textBytes = upsert.passages.reduce(0) { $0 + $1.byteCount }
        let reservation = try ByteReservation(
            ByteCount(3 * tensor.description.byteCount + 2 * textBytes), of: updateMemory, for: "this update")
        defer { reservation.release() }
        let reply = try await written(request) { [self] () throws(ImpRAGError) -> UpsertReply in
            try write(upsert.passages, tensor)
        }
        request.reply(.upsert(reply))
    }

    func answer(_ delete: ShardDeleteRequest, _ request: IncomingRequest) async throws(ImpRAGError) {
        try checkCount(delete.ids.count, "ids")
        let reply = try await written(request) { [self] () throws(ImpRAGError) -> DeleteReply in
            try erase(delete.ids)
        }
        request.reply(.delete(reply))
    }

    private func checkCount(_ count: Int, _ things: String) throws(ImpRAGError) {
        guard (1...settings.maxUpdatePassages).contains(count) else {
            throw ImpRAGError(
                .invalidArgument,
                "the update carries \(count) \(things); 1 to \(settings.maxUpdatePassages) (max_update_passages) are allowed"
            )
        }
    }

    /// Runs `work` on the writer's thread.
    private func written<Value: Sendable>(
        _ request: IncomingRequest, _ work: @escaping @Sendable () throws(ImpRAGError) -> Value
    ) async throws(ImpRAGError) -> Value {
        let promise = Promise<Value>()
        try writer.submit {
            guard !promise.isSettled else { return }
            promise.fulfil { () throws(ImpRAGError) in
                // An update nobody waits for any more is not begun; once begun, it is finished regardless.
                try request.deadline.check("the update waited in the queue")
                return try work()
            }
        }
        return try await promise.value()
    }

    /// Checks everything before any partition is changed.
    private func write(_ passages: [Passage], _ tensor: Tensor) throws(ImpRAGError) -> UpsertReply {
        let updates = try split(passages.map(\.id))
        let vectors = try tensor.roundedHalves("passage vectors", shape: [passages.count, dimension])
        if let fault = VectorLimit.fault(in: vectors[...], dimension: dimension) {
            throw ImpRAGError(.invalidArgument, "the vector of '\(passages[fault.vector].id)' \(fault.words)")
        }
        var reply = UpsertReply(replaced: 0, inserted: 0)
        for update in updates {
            var rows: [BFloat16] = []
            rows.reserveCapacity(update.places.count * dimension)
            for place in update.places { rows += vectors[place * dimension..<(place + 1) * dimension] }
            let outcome = try engines[update.engine].upsert(update.places.map { passages[$0] }, vectors: rows)
            reply.inserted += outcome.inserted
            reply.replaced += outcome.replaced
            reply.partitions.append(Self.figures(of: engines[update.engine]))
        }
        return reply
    }

    private func erase(_ ids: [String]) throws(ImpRAGError) -> DeleteReply {
        var reply = DeleteReply(deleted: 0)
        for update in try split(ids) {
            reply.deleted += try engines[update.engine].delete(ids: update.places.map { ids[$0] })
            reply.partitions.append(Self.figures(of: engines[update.engine]))
        }
        return reply
    }

    private func split(_ ids: [String]) throws(ImpRAGError) -> [PartitionUpdate] {
        try PartitionUpdate.split(ids, partitions: engines.map(\.partition), partitionCount: engines[0].partitionCount)
    }
}
