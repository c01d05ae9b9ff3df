internal import Core
internal import Platform
internal import Synchronization
package import TestSupport

/// Simulated time, and everything that happens in it.
///
/// A simulation runs its world itself, on one thread, and then the order of things is decided by the seed alone. A test of the
/// suite trait `simulated` finds a world that a thread runs beside it: time passes as fast as there is nothing to do.
// Sendable: but for `enqueue`, a world and all that lives in it belong to the one thread that runs it.
package final class World: @unchecked Sendable {
    private struct Event: HeapElement {
        let instant: ContinuousClock.Instant
        /// Of equal moments the one that was planned first comes first.
        let number: Int
        let body: Planned

        func isAbove(_ other: Event) -> Bool { (instant, number) < (other.instant, other.number) }
    }

    /// What will happen, unless it is cancelled.
    package final class Planned {
        var body: (() -> Void)?

        init(_ body: @escaping () -> Void) {
            self.body = body
        }
    }

    private struct Job: Sendable {
        let job: UnownedJob
        let process: Process
    }

    package let seed: UInt64
    package var random: SeededGenerator
    package private(set) var now: ContinuousClock.Instant
    /// How long the jobs of workers take, by the workers' name.
    package var jobMilliseconds: [String: ClosedRange<Double>] = [:]
    private let start: ContinuousClock.Instant
    private var events = Heap<Event>()
    private var eventCount = 0
    /// Tasks that can go on, in order.
    private let arrivals = Mutex<[Job]>([])
    /// A sign that something has arrived, or that a thread is to stop running the world.
    private let signs = BlockingQueue<Void>(limit: 1)
    private let isStopped = Atomic(false)

    package init(seed: UInt64) {
        self.seed = seed
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
        events.insert(Event(instant: max(instant, now), number: eventCount, body: planned))
        return planned
    }

    func enqueue(_ job: UnownedJob, of process: Process) {
        arrivals.withLock { $0.append(Job(job: job, process: process)) }
        _ = signs.push(())
    }

    /// Time passes while something computes, and nothing else happens meanwhile.
    package func elapse(_ duration: Duration) { now += duration }

    /// Lets time go on for `duration`.
    package func run(for duration: Duration) {
        let end = now + duration
        repeat { runJobs() } while happen(before: end)
        now = max(now, end)
    }

    /// The next event before `end`. Returns whether there was one.
    private func happen(before end: ContinuousClock.Instant) -> Bool {
        guard let event = events.top, event.instant <= end else { return false }
        _ = events.popTop()
        guard let body = event.body.body else { return true }
        now = max(now, event.instant)
        event.body.body = nil
        body()
        return true
    }

    private func runJobs() {
        while true {
            let jobs = arrivals.withLock { arrivals in
                defer { arrivals.removeAll(keepingCapacity: true) }
                return arrivals
            }
            guard !jobs.isEmpty else { return }
            for job in jobs {
                if job.process.isPaused {
                    job.process.held.append(job.job)
                } else {
                    unsafe job.job.runSynchronously(on: job.process.executor.asUnownedTaskExecutor())
                }
            }
        }
    }

    // MARK: On a thread of its own

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
