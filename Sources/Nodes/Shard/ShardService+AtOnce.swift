import Core
import Messaging
import Wire

extension ShardService {
    /// Answers a search on the messenger's thread when no other one is there and it is known to be short: a task, a
    /// search thread and the way back would take about as long.
    func answerAtOnce(_ request: IncomingRequest) throws(ImpRAGError) -> Bool {
        guard case .shardSearch(let search) = request.body, pace.allows(search),
            request.tensors.first?.description.shape == [1, dimension], search.options.minEpoch <= epoch
        else { return false }
        try search.options.validate()
        let checked = try check(search, request)
        request.reply(
            .shardSearch(try self.search(checked, deadline: request.deadline)), fingerprint: fingerprint)
        return true
    }
}
