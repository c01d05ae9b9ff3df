import Cluster
import Core
import Messaging
import Wire

/// Shards' answers, checked.
extension SessionRunner {
    /// Passages that are merged and sent on in less time than it takes to wake a thread for that.
    static var fewPassages: Int { 32 }

    static func isShort(_ result: Result<ShardSearchReply, ImpRAGError>) -> Bool {
        guard case .success(let reply) = result else { return false }
        return reply.queries.allSatisfy { $0.passages.count <= fewPassages }
            && (reply.words?.hits.count ?? 0) <= fewPassages
    }

    /// Checks a shard's answer to a search.
    static func found(
        _ event: CallEvent, _ search: ShardSearchRequest, _ fingerprint: Fingerprint, _ milliseconds: Int
    ) -> Result<ShardSearchReply, ImpRAGError> {
        switch event {
        case .failed(let error):
            // A deadline reported by the shard itself says more than this message would.
            guard error.code == .deadlineExceeded, !(error.cause is RemoteFailure) else { return .failure(error) }
            let epoch = search.options.minEpoch
            let reason = epoch > 0 ? ", perhaps because epoch \(epoch) of the log is not there yet" : ""
            return .failure(ImpRAGError(.deadlineExceeded, "no answer within \(milliseconds) ms\(reason)"))
        case .reply(let reply, _):
            guard case .shardSearch(let found) = reply.body else {
                return .failure(ImpRAGError(.internal, "it answered a search with \(reply.body.name)"))
            }
            guard reply.fingerprint == fingerprint else {
                return .failure(
                    ImpRAGError(
                        .failedPrecondition,
                        "its hits are of the model \(reply.fingerprint?.description ?? "(none)"), but this coordinator runs "
                            + "\(fingerprint)"))
            }
            guard found.isFiltered || search.options.filter == nil else {
                return .failure(
                    ImpRAGError(
                        .failedPrecondition, "it ignored the filter: it is of a version without filters; update it"))
            }
            let epoch = search.options.minEpoch
            guard epoch == 0 || !found.partitions.isEmpty && found.partitions.allSatisfy({ $0.epoch >= epoch }) else {
                return .failure(
                    ImpRAGError(
                        .failedPrecondition, "it did not wait for epoch \(epoch): it is of a version without a log"))
            }
            return .success(found)
        }
    }
}
