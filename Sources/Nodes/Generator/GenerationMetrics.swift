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
    /// How often an answer gave its place to one of another client.
    let pauses: Counter
    let tokens: Counter
    /// Passes of the model that made a token for each of the answers that were ready.
    let steps: Counter
    /// Tokens of ended answers that passes verified ahead of time, and those of them that were right.
    let proposed: Counter
    let accepted: Counter

    init(_ metrics: MetricRegistry) throws(ImpRAGError) {
        active = try metrics.gauge("imprag_active_requests", "Answers in the making.")
        let waiting = Gauge()
        self.waiting = waiting
        try metrics.waitingRequests(for: "memory") { Int(waiting.value) }
        bytes = try metrics.gauge("imprag_answer_bytes", "Passages and caches that active answers hold.")
        suspensions = try metrics.counter(
            "imprag_suspensions_total", "How often an answer gave its memory back and waited again.")
        pauses = try metrics.counter(
            "imprag_pauses_total", "How often an answer gave its place to one of a client with fewer places.")
        tokens = try metrics.counter("imprag_tokens_total", "Tokens that were made.")
        steps = try metrics.counter(
            "imprag_decode_steps_total",
            "Passes of the model, each of which makes a token of every answer that is ready.")
        proposed = try metrics.counter(
            "imprag_proposed_tokens_total", "Tokens of ended answers that passes verified ahead of time.")
        accepted = try metrics.counter(
            "imprag_accepted_tokens_total", "Tokens verified ahead of time that were right: each saved a pass.")
    }
}
