import Core

extension ShardService {
    func register(in metrics: MetricRegistry) throws(ImpRAGError) {
        func gauge(
            _ name: String, _ help: String, _ read: @escaping @Sendable (ShardService) -> Double?
        ) throws(ImpRAGError) {
            try metrics.gauge(name, help) { [weak self] in self.flatMap(read) }
        }
        try gauge("imprag_passages", "Passages that are served.") { Double($0.passages) }
        try gauge("imprag_index_bytes", "Memory of the vector indexes: codes, lists, tables.") {
            Double($0.engines.reduce(0) { $0 + $1.figures.indexBytes.bytes })
        }
        try gauge(
            "imprag_unindexed_passages",
            "Passages that no list holds yet, so that every search compares with each of them."
        ) { Double($0.engines.reduce(0) { $0 + $1.figures.unindexed }) }
        try gauge(
            "imprag_recall_ratio", "The mean share of the exact best k that sampled searches had found, 0 to 1."
        ) { $0.recall?.mean }
        try gauge("imprag_recall_k", "The k of these searches.") { $0.recall.map { Double($0.k) } }
        try gauge("imprag_recall_samples", "How many of these searches were run again exactly.") {
            $0.recall.map { Double($0.samples) }
        }
        try gauge("imprag_epoch", "The epoch of the log that all of its partitions have applied.") {
            Double($0.epoch)
        }
        try gauge("imprag_lag_epochs", "Epochs of the log that it has heard of and not applied.") {
            $0.follower.map { Double($0.lag) }
        }
        try gauge("imprag_follows_log", "1 while it can follow the log, 0 while something keeps it from that.") {
            $0.follower.map { $0.trouble == nil ? 1 : 0 }
        }
        try gauge(
            "imprag_unloaded_partitions",
            "Partitions that it should serve and could not load; they are tried again, and its status says why."
        ) { Double($0.unloadedPartitions) }
        try states?.register(in: metrics)
    }

    private var recall: RecallFigures? { EngineFigures.recall(of: engines.map(\.figures)) }
}

extension ShardStates {
    fileprivate func register(in metrics: MetricRegistry) throws(ImpRAGError) {
        try metrics.gauge("imprag_stored_states", "Passage states that are stored.") { [weak self] in
            self.map { Double($0.figures.entries) }
        }
        try metrics.gauge("imprag_stored_state_bytes", "What they count for in the budget.") { [weak self] in
            self.map { Double($0.figures.bytes.bytes) }
        }
        try metrics.gauge("imprag_stored_state_limit_bytes", "The budget of the stored passage states.") {
            [weak self] in self.map { Double($0.figures.budget.bytes) }
        }
        try metrics.counter("imprag_state_hits_total", "Passage states that were asked for and found.") {
            [weak self] in self?.figures.hits
        }
        try metrics.counter("imprag_state_misses_total", "Passage states that were asked for and not found.") {
            [weak self] in self?.figures.misses
        }
        try metrics.counter("imprag_evicted_states_total", "Passage states that were evicted to make room.") {
            [weak self] in self?.figures.evictions
        }
        try metrics.counter("imprag_damaged_states_total", "Passage states whose bytes were not what was written.") {
            [weak self] in self?.figures.damaged
        }
    }
}
