public import Core
internal import Platform
internal import Synchronization
internal import VectorIndex

/// Runs a sample of a partition's searches again, exactly, on a thread of its own, and tells what share of the best passages
/// they had found.
///
/// One sample at a time: the search that comes first after the last sample was done, and paid for with sleep, is the next.
/// So the processor's share is kept whatever a sample costs, and nothing queues.
public final class RecallMeter: Sendable {
    private struct Sample: Sendable {
        let query: [Float]
        let found: Set<Int>
        let k: Int
        let live: RowSet
    }

    private struct Results {
        /// Shares of the latest samples, and where the next one goes.
        var shares: [Double] = []
        var next = 0
        var samples = 0
    }

    private let live: LivePartition
    private let share: Double
    private let samples = BlockingQueue<Sample>(limit: 1)
    private let isIdle = Atomic(true)
    private let isStopped = Atomic(false)
    private let results = Mutex(Results())

    /// Searches of another number of passages are compared by their best ten.
    public static let k = 10
    /// Samples that the mean is taken over, at most.
    private static let window = 1000

    /// - Parameter share: of one core, above 0.
    /// - Throws: `resourceExhausted` when no thread can be started.
    public init(_ live: LivePartition, share: Double) throws(ImpRAGError) {
        self.live = live
        self.share = share
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

    /// Nil while nothing was measured.
    public var figures: RecallFigures? {
        results.withLock { results in
            guard !results.shares.isEmpty else { return nil }
            let mean = results.shares.reduce(0, +) / Double(results.shares.count)
            return RecallFigures(mean: mean, k: Self.k, samples: results.samples)
        }
    }

    /// Offers a search for measuring; costs next to nothing when the meter is busy.
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
            // Rows that went meanwhile can no longer be compared.
            guard !truth.isEmpty else { return }
            let found = truth.filter { sample.found.contains($0.row) }.count
            record(Double(found) / Double(truth.count))
        } catch {
            // Stopped, or damage that the searches themselves report: no sample.
        }
    }

    private func record(_ share: Double) {
        results.withLock { results in
            if results.shares.count < Self.window {
                results.shares.append(share)
            } else {
                results.shares[results.next] = share
            }
            results.next = (results.next + 1) % Self.window
            results.samples += 1
        }
    }
}

extension LivePartition {
    /// An exact search that keeps to a share of one core.
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
