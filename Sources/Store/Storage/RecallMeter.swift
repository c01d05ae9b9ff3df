public import Core
internal import Platform
internal import Synchronization
internal import VectorIndex

/// Reruns a sample of a partition's searches exactly, on a thread of its own, and measures their recall. Maintenance
/// recalibrates with the same sample when recall is too low.
///
/// One sample at a time: after each, the meter sleeps off its share of the processor, and then takes the next search
/// that is offered. So the share is kept whatever a sample costs, and nothing queues.
public final class RecallMeter: Sendable {
    private struct Sample: Sendable {
        let query: [Float]
        let found: Set<Int>
        let k: Int
        let live: RowSet
    }

    private let live: LivePartition
    private let share: Double
    private let samples = BlockingQueue<Sample>(limit: 1)
    private let isIdle = Atomic(true)
    private let isStopped = Atomic(false)

    /// Searches for more passages are judged by their best ten.
    public static let k = 10
    /// - Parameter share: of one core, above 0.
    /// - Throws: `resourceExhausted` when no thread can be started.
    public init(_ live: LivePartition, share: Double) throws(ImpRAGError) {
        self.live = live
        self.share = share
        live.samples.withLock { $0 = SearchSamples() }
        let (samples, run) = (samples, WeakRun())
        run.meter = self
        _ = try NamedThread("recall-meter") {
            while let sample = samples.pop() { run.meter?.measure(sample) }
        }
    }

    /// Breaks the cycle between the meter and its thread. Written once, before the thread's first sample.
    private final class WeakRun: @unchecked Sendable {
        weak var meter: RecallMeter?
    }

    /// Over the searches since the last calibration; nil while none was measured.
    public var figures: RecallFigures? {
        live.samples.withLock { samples in
            samples.mean.map { RecallFigures(mean: $0, k: Self.k, samples: samples.count) }
        }
    }

    /// Offers a search to be measured; costs next to nothing when the meter is busy.
    public func offer(_ query: [Float], k: Int, _ search: LivePartition.Search, place: Int) {
        guard k >= Self.k, !search.isExact, isIdle.exchange(false, ordering: .relaxed) else { return }
        let found = Set(search.outcomes[place].hits.prefix(Self.k).map(\.row))
        if samples.push(Sample(query: query, found: found, k: Self.k, live: search.live)) != .accepted {
            isIdle.store(true, ordering: .relaxed)
        }
    }

    public func stop() {
        isStopped.store(true, ordering: .relaxed)
        samples.close()
    }

    private func measure(_ sample: Sample) {
        defer { isIdle.store(true, ordering: .relaxed) }
        do throws(ImpRAGError) {
            let truth = try live.exact(sample.query, k: sample.k, allowed: sample.live, share: share) { [self] in
                isStopped.load(ordering: .relaxed)
            }
            // Rows that were deleted meanwhile can no longer be compared.
            guard !truth.isEmpty else { return }
            let found = truth.filter { sample.found.contains($0.row) }.count
            live.samples.withLock { $0.add(sample.query, share: Double(found) / Double(truth.count)) }
        } catch {
            // Stopped, or damage, which searches report themselves: no sample.
        }
    }
}

extension LivePartition {
    /// An exact search within a share of one core.
    func exact(
        _ query: [Float], k: Int, allowed: RowSet, share: Double, isStopped: @escaping @Sendable () -> Bool
    ) throws(ImpRAGError) -> [Hit] {
        let throttle = Mutex(Throttle(share: share, isStopped: isStopped))
        return try ExactSearch(source: source).search(query, k: k, allowed: allowed, deadline: .never) {
            () throws(ImpRAGError) in
            try throttle.withLock { throttle throws(ImpRAGError) in try throttle.pause() }
        }.first ?? []
    }
}
