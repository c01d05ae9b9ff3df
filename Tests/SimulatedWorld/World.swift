internal import Core
internal import Platform
internal import Synchronization
package import TestSupport

/// Simulated time, and everything that happens in it.
///
/// A simulation runs its world itself, on one thread, so the seed alone decides the order of events. A test in a suite
/// with the trait `simulated` gets a world that another thread runs: time advances whenever there is nothing to do.
// Sendable: except for `enqueue`, a world and everything in it belong to the one thread that runs it.
package final class World: @unchecked Sendable {
    private struct Event: HeapElement {
        /// Since the world began: the heap compares and moves a duration faster than an instant.
        let time: Duration
        /// Events at the same time happen in the order in which they were scheduled.
        let number: Int
        /// A slot in `planned`, so that the heap moves no reference-counted values.
        let slot: Int

        func isAbove(_ other: Event) -> Bool {
            time == other.time ? number < other.number : time < other.time
        }
    }

    /// Scheduled events that have not been cancelled.
    package final class Planned {
        var body: (() -> Void)?

        init(_ body: @escaping () -> Void) {
            self.body = body
        }
    }

    /// Work to do now, in order.
    private enum Step: @unchecked Sendable {
        // Sendable: steps that are no jobs come from the world's own thread.
        case job(UnownedJob, of: Process)
        case body(() -> Void)
    }

    package let seed: UInt64
    package var random: SeededGenerator
    package private(set) var now: ContinuousClock.Instant
    /// How long the jobs of workers take, by the workers' name.
    package var jobMilliseconds: [String: ClosedRange<Double>] = [:]
    /// Whether messengers' threads do what is known to be short themselves.
    package var doesShortWorkAtOnce = false
    private let start: ContinuousClock.Instant
    private var events = Heap<Event>()
    private var eventCount = 0
    private var planned: [Planned?] = []
    private var freeSlots: [Int] = []
    private let arrivals = Mutex<[Step]>([])
    /// Signalled when work has arrived, or when the thread should stop running the world.
    private let signs = BlockingQueue<Void>(limit: 1)
    private let isStopped = Atomic(false)
    private let hasThread: Bool
    /// Buffers for steps, used alternately.
    private var room: [Step] = []

    package convenience init(seed: UInt64) {
        self.init(seed: seed, hasThread: false)
    }

    /// - Parameter hasThread: whether `runUntilStopped` runs it.
    init(seed: UInt64, hasThread: Bool) {
        self.seed = seed
        self.hasThread = hasThread
        random = SeededGenerator(seed: seed)
        start = ContinuousClock.now
        now = start
    }

    /// Milliseconds since the world began.
    package var milliseconds: Double { (now - start) / .milliseconds(1) }

    package func chance(_ probability: Double) -> Bool {
        probability > 0 && Double.random(in: 0..<1, using: &random) < probability
    }

    package func duration(_ milliseconds: ClosedRange<Double>) -> Duration {
        .microseconds(Int(1000 * Double.random(in: milliseconds, using: &random)))
    }

    @discardableResult
    package func plan(at instant: ContinuousClock.Instant, _ body: @escaping () -> Void) -> Planned {
        let planned = Planned(body)
        eventCount += 1
        let slot = freeSlots.popLast() ?? self.planned.count
        if slot == self.planned.count { self.planned.append(planned) } else { self.planned[slot] = planned }
        events.insert(Event(time: max(instant, now) - start, number: eventCount, slot: slot))
        return planned
    }

    func enqueue(_ job: UnownedJob, of process: Process) {
        arrivals.withLock { $0.append(.job(job, of: process)) }
        // Only a world with its own thread sleeps.
        if hasThread { _ = signs.push(()) }
    }

    /// Calls `body` now, after the work already queued.
    func soon(_ body: @escaping () -> Void) {
        arrivals.withLock { $0.append(.body(body)) }
    }

    /// Time passes while something computes, and nothing else happens meanwhile.
    package func elapse(_ duration: Duration) { now += duration }

    /// Advances time by `duration`.
    package func run(for duration: Duration) {
        let end = now + duration
        repeat { runJobs() } while happen(before: end)
        now = max(now, end)
    }

    /// The next event before `end`. Returns whether there was one.
    private func happen(before end: ContinuousClock.Instant) -> Bool {
        guard let event = events.top, event.time <= end - start else { return false }
        _ = events.popTop()
        let planned = planned[event.slot]
        self.planned[event.slot] = nil
        freeSlots.append(event.slot)
        guard let body = planned?.body else { return true }
        now = max(now, start + event.time)
        planned?.body = nil
        body()
        return true
    }

    private func runJobs() {
        while true {
            var steps = room
            room = []
            steps.removeAll(keepingCapacity: true)
            arrivals.withLock { swap(&$0, &steps) }
            defer { room = steps }
            guard !steps.isEmpty else { return }
            for step in steps {
                switch step {
                case .body(let body): body()
                case .job(let job, let process) where process.isPaused: process.held.append(job)
                case .job(let job, let process):
                    unsafe job.runSynchronously(on: process.executor.asUnownedTaskExecutor())
                }
            }
        }
    }

    // MARK: On its own thread

    /// Runs the world until `stop`.
    func runUntilStopped() {
        while !isStopped.load(ordering: .acquiring) {
            runJobs()
            if !happen(before: now + .seconds(3600)) { _ = signs.pop() }
        }
    }

    func stop() {
        isStopped.store(true, ordering: .releasing)
        _ = signs.push(())
    }
}
