internal import Core
internal import Storage

/// Copies the passage states of parts to the merged index. Keys identify what states are of, so this needs no model.
struct StateMerger {
    let parts: PartSet
    let directory: IndexWorkspace
    let fingerprint: Fingerprint
    /// The command's options for states; nil copies whatever there is.
    let options: StateOptions?
    let monitor: RunMonitor

    /// Copies states of the form in the options or, without options, of the first part that has states, and only those
    /// with that part's codebooks.
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

    /// False when `store` has no room for all of them.
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
