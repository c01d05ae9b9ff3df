package import Core
import Platform

extension MetricRegistry {
    /// Registers what the operating system counts for this process. Throws as `gauge` does.
    package func registerProcess() throws(ImpRAGError) {
        let start = Double(WallTime.now.nanoseconds) / 1e9
        try gauge("imprag_start_time_seconds", "When the process started, in seconds since 1970.") { start }
        try counter("imprag_cpu_seconds_total", "Processor time of all threads, in whole seconds.") {
            Int(ProcessFigures.processorSeconds)
        }
        try gauge("imprag_open_descriptors", "Open file descriptors.") {
            ProcessFigures.openDescriptors.map(Double.init)
        }
        try gauge("imprag_descriptor_limit", "How many there may be.") {
            ProcessFigures.descriptorLimit.map(Double.init)
        }
    }
}
