package import Core

extension MetricRegistry {
    /// Counts what the process spends on products with weights. Throws as `counter` does.
    ///
    /// - Parameter seconds: so far, of all threads together.
    package func productTime(seconds: @escaping @Sendable () -> Double) throws(ImpRAGError) {
        try counter(
            "imprag_product_microseconds_total",
            "Time in products with weights, of all threads together, in microseconds."
        ) { Int(seconds() * 1e6) }
    }
}
