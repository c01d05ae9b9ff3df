internal import Core
internal import Storage

/// Copies the passage states of parts to the index that was made of them. States have names that say what they are of, so this
/// takes no model.
struct StateMerger {
    let parts: PartSet
    let directory: IndexWorkspace
    let fingerprint: Fingerprint
    /// What the command says about states; nil takes over what there is.
    let options: StateOptions?
    let monitor: RunMonitor

    /// Copies what is stored as the options say or, where they say nothing, as the first part with states has it; of codebooks,
    /// the first part's count.
    ///
    /// - Returns: nil when no part has such states.
    func run() throws(ImpRAGError) -> IndexReport.States? {
        guard let form = options?.maker.form ?? parts.withStates.first?.form,
            let first = parts.withStates.first(where: { $0.form == form })
        else { return nil }
        if try directory.recordedStates() != form {
            try directory.removeStates()
            if let codebooks = try first.directory.codebooks() { try directory.write(codebooks: codebooks) }
            try directory.record(form)
        }
        let codebooks = try directory.codebooks()
        var sources: [IndexWorkspace] = []
        for part in parts.withStates where part.form == form {
            if try part.directory.codebooks() == codebooks { sources.append(part.directory) }
        }
        let (job, start) = (parts.job, ContinuousClock.now)
        var report = IndexReport.States()
        report.passages = job.passages
        for number in 0..<job.partitionCount {
            let store = try StateStore(
                path: directory.statesPath(number), fingerprint: fingerprint,
                budget: options?.partitionBudget(partitionCount: job.partitionCount, partCount: 1) ?? ByteCount(.max),
                access: .readWrite)
            var isFull = false
            for source in sources where !isFull {
                isFull = try !copy(source, number, to: store, report, since: start)
            }
            report.isFull = report.isFull || isFull
            try store.flush()
            report.stored += store.figures.entries
            report.bytes += store.figures.bytes.bytes
        }
        report.seconds = seconds(since: start)
        monitor.tell(.states, report.passages, report.passages, since: start)
        return report
    }

    /// False when `store` has no room for all.
    private func copy(
        _ source: IndexWorkspace, _ partition: Int, to store: StateStore, _ report: IndexReport.States,
        since start: ContinuousClock.Instant
    ) throws(ImpRAGError) -> Bool {
        let states = try StateStore(
            path: source.statesPath(partition), fingerprint: fingerprint, budget: ByteCount(0), access: .readOnly)
        for (number, key) in states.keys.enumerated() {
            if number % 64 == 0 {
                monitor.tell(.states, report.stored + store.figures.entries, report.passages, since: start)
                try directory.requireSpace(partitionCount: parts.job.partitionCount)
                try monitor.checkCancelled("all passages are merged; not all of their states are")
            }
            guard store.size(of: key) == nil, let state = states.value(for: key) else { continue }
            guard try store.add(state, for: key) else { return false }
        }
        return true
    }
}
