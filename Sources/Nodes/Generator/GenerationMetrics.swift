import Cluster
import Core

/// What a generator counts about its answers.
struct GenerationMetrics: Sendable {
    /// Answers in progress.
    let active: Gauge
    /// Requests that wait for memory, including suspended ones.
    let waiting: Gauge
    /// Bytes of passages and caches that active answers hold.
    let bytes: Gauge
    /// How often an answer was suspended: gave its memory back and waited again.
    let suspensions: Counter
    let tokens: Counter
    /// Passes of the model that made a token for each of the answers that were ready.
    let steps: Counter

    init(_ metrics: MetricRegistry) throws(ImpRAGError) {
        active = try metrics.gauge("imprag_active_requests", "Answers in the making.")
        let waiting = Gauge()
        self.waiting = waiting
        try metrics.waitingRequests(for: "memory") { Int(waiting.value) }
        bytes = try metrics.gauge("imprag_answer_bytes", "Passages and caches that active answers hold.")
        suspensions = try metrics.counter(
            "imprag_suspensions_total", "How often an answer gave its memory back and waited again.")
        tokens = try metrics.counter("imprag_tokens_total", "Tokens that were made.")
        steps = try metrics.counter(
            "imprag_decode_steps_total",
            "Passes of the model, each of which makes a token of every answer that is ready.")
    }
}
