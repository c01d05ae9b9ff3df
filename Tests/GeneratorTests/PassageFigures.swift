import Core

/// What became of a generator's passages, by its metrics.
struct PassageFigures {
    let remembered: Double
    let fetched: Double
    let computed: Double
    let damaged: Double
    let failures: Double
    let stored: Double
    let dropped: Double
    let entries: Double

    init(_ metrics: MetricRegistry) {
        let samples = metrics.samples
        func total(_ name: String, from source: String? = nil) -> Double {
            samples.total(name, source.map { [MetricLabel("from", $0)] } ?? []) ?? .nan
        }
        remembered = total("imprag_read_passages_total", from: "memory")
        fetched = total("imprag_read_passages_total", from: "shard")
        computed = total("imprag_read_passages_total", from: "text")
        damaged = total("imprag_damaged_states_total")
        failures = total("imprag_failed_state_calls_total")
        stored = total("imprag_sent_states_total")
        dropped = total("imprag_dropped_states_total")
        entries = total("imprag_cached_states")
    }
}
