import Cluster
import Core
import Model

/// What to answer and by when: a checked request without its client.
struct GenerationOrder: Sendable {
    /// Unique among the orders in progress.
    let id: Int
    let job: GenerationJob
    let deadline: Deadline
    let arrival: ContinuousClock.Instant
    /// Who asks.
    var client = RemoteClient(node: "")

    /// What it needs. Passages that are not tokenized yet do not count.
    var work: GenerationForecast.Work {
        let passages = job.sequences?.reduce(0) { $0 + $1.tokens.count } ?? 0
        return GenerationForecast.Work(
            readTokens: passages + job.state.tokens.count + job.resumeTokens.count,
            maxTokens: job.sampling.maxTokens - job.resumeTokens.count)
    }
}
