package import Core

extension MetricRegistry {
    /// Registers how many requests wait for `what`: several parts of a node may have a queue. Throws as `gauge` does.
    ///
    /// - Parameter read: returns nil while there is nothing to report.
    package func waitingRequests(
        for what: String, read: @escaping @Sendable () -> Int?
    ) throws(ImpRAGError) {
        try gauge(
            "imprag_waiting_requests", "Requests that wait inside the node.", labels: [MetricLabel("for", what)]
        ) { read().map(Double.init) }
    }
}
