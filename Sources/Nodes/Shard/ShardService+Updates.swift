import Core
import Messaging
import Storage
import Wire

extension ShardService {
    /// Takes note of how far the log is, and waits until it is applied when the caller asks what an update did.
    func answer(_ apply: ApplyRequest, _ request: IncomingRequest) async throws(ImpRAGError) {
        guard let follower else { throw Self.followsNothing(epoch) }
        var reply = ApplyReply(epoch: 0)
        if let update = apply.update {
            try await follower.reach(apply.epoch)
            reply.partitions = follower.outcomes(of: update, at: apply.epoch).sorted { $0.key < $1.key }.map {
                PartitionOutcome(
                    partition: $0.key, inserted: $0.value.inserted, replaced: $0.value.replaced,
                    deleted: $0.value.deleted)
            }
        } else {
            follower.hear(of: apply.epoch)
        }
        reply.epoch = epoch
        request.reply(.apply(reply), fingerprint: fingerprint)
    }

    /// Returns once this shard has everything up to `wanted`.
    func reach(_ wanted: Int) async throws(ImpRAGError) {
        guard wanted > epoch else { return }
        guard let follower else { throw Self.followsNothing(epoch) }
        try await follower.reach(wanted)
    }

    /// Searches that begin from now on see everything up to this epoch, in all partitions.
    ///
    /// A partition is there a moment earlier: it notes the epoch with the rows, and shows them to searches afterwards.
    var epoch: Int { follower?.applied ?? engines.map(\.epoch).min() ?? 0 }

    private static func followsNothing(_ epoch: Int) -> ImpRAGError {
        ImpRAGError(.failedPrecondition, "this shard is \"read_only\": it stays at epoch \(epoch) of the log")
    }
}
