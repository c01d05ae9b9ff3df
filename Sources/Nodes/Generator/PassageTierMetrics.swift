import Cluster
import Core

/// What a generator counts about the passages it has to read.
struct PassageTierMetrics: Sendable {
    /// Found in the generator's memory.
    let remembered: Counter
    /// Found in a shard.
    let fetched: Counter
    /// Read from their text.
    let computed: Counter
    /// States from a shard that did not fit their passage.
    let damaged: Counter
    /// Requests to shards that failed.
    let failures: Counter
    /// Given to shards to keep.
    let stored: Counter
    /// Not given to a shard because too many waited.
    let dropped: Counter
    /// In the generator's memory now.
    let entries: Gauge
    let bytes: Gauge

    /// - Parameters:
    ///   - memory: the most that the generator's memory may hold.
    ///   - waiting: requests that wait for room for their passages' states.
    init(
        _ metrics: MetricRegistry, memory: ByteCount, waiting: @escaping @Sendable () -> Int
    ) throws(ImpRAGError) {
        func passages(_ source: String) throws(ImpRAGError) -> Counter {
            try metrics.counter(
                "imprag_read_passages_total", "Passages of requests, by where their states came from.",
                labels: [MetricLabel("from", source)])
        }
        remembered = try passages("memory")
        fetched = try passages("shard")
        computed = try passages("text")
        damaged = try metrics.counter(
            "imprag_damaged_states_total", "Passage states whose bytes were not what was written.")
        failures = try metrics.counter(
            "imprag_failed_state_calls_total", "Calls to shards for passage states that failed.")
        stored = try metrics.counter("imprag_sent_states_total", "Passage states that were given to shards to keep.")
        dropped = try metrics.counter(
            "imprag_dropped_states_total", "Passage states that were not given to a shard because too many waited.")
        entries = try metrics.gauge("imprag_cached_states", "Passage states in the memory of the generator.")
        bytes = try metrics.gauge("imprag_cached_state_bytes", "What these passage states need.")
        try metrics.gauge("imprag_cached_state_limit_bytes", "The most that they may need.").set(memory)
        try metrics.waitingRequests(for: "states", read: waiting)
    }
}
