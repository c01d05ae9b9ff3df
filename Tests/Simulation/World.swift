import Core
import TestSupport

/// Simulated time, and everything that happens in it, in an order that the seed decides alone.
// Sendable: a world and all that lives in it belong to the one thread that runs it.
final class World: @unchecked Sendable {
    private struct Event: HeapElement {
        let instant: ContinuousClock.Instant
        /// Of equal moments the one that was planned first comes first.
        let number: Int
        let body: Planned

        func isAbove(_ other: Event) -> Bool { (instant, number) < (other.instant, other.number) }
    }

    /// What will happen, unless it is cancelled.
    final class Planned {
        var body: (() -> Void)?

        init(_ body: @escaping () -> Void) {
            self.body = body
        }
    }

    let seed: UInt64
    var random: SeededGenerator
    private(set) var now: ContinuousClock.Instant
    private let start: ContinuousClock.Instant
    private var events = Heap<Event>()
    private var eventCount = 0
    /// Jobs of tasks that can go on, oldest first; those before `nextJob` are done.
    private var jobs: [(job: UnownedJob, process: Process)] = []
    private var nextJob = 0

    init(seed: UInt64) {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        start = ContinuousClock.now
        now = start
    }

    /// Milliseconds since the world began.
    var milliseconds: Double { (now - start) / .milliseconds(1) }

    func chance(_ probability: Double) -> Bool {
        probability > 0 && Double.random(in: 0..<1, using: &random) < probability
    }

    func duration(_ milliseconds: ClosedRange<Double>) -> Duration {
        .microseconds(Int(1000 * Double.random(in: milliseconds, using: &random)))
    }

    @discardableResult
    func plan(at instant: ContinuousClock.Instant, _ body: @escaping () -> Void) -> Planned {
        let planned = Planned(body)
        eventCount += 1
        events.insert(Event(instant: max(instant, now), number: eventCount, body: planned))
        return planned
    }

    func enqueue(_ job: UnownedJob, of process: Process) {
        jobs.append((job, process))
    }

    /// Lets time go on for `duration`.
    func run(for duration: Duration) {
        let end = now + duration
        while true {
            runJobs()
            guard let event = events.top, event.instant <= end else { break }
            _ = events.popTop()
            guard let body = event.body.body else { continue }
            now = event.instant
            event.body.body = nil
            body()
        }
        now = end
    }

    private func runJobs() {
        while nextJob < jobs.count {
            let (job, process) = jobs[nextJob]
            nextJob += 1
            if process.isPaused {
                process.held.append(job)
            } else {
                unsafe job.runSynchronously(on: process.executor.asUnownedTaskExecutor())
            }
        }
        jobs.removeAll(keepingCapacity: true)
        nextJob = 0
    }
}

/// A process in the world: it may be paused and killed, and has a clock, threads and an executor of its own.
// Sendable: see `World`.
final class Process: @unchecked Sendable {
    let name: String
    let world: World
    private(set) var isAlive = true
    private(set) var isPaused = false
    /// Jobs that go on when the process does.
    var held: [UnownedJob] = []
    /// What happened while the process was paused, oldest first.
    private var missed: [() -> Void] = []

    private(set) lazy var executor = ProcessExecutor(self)
    private(set) lazy var clock = ProcessClock(self)

    init(_ name: String, in world: World) {
        self.name = name
        self.world = world
    }

    /// Plans something that happens in the process: later, when that is paused then; never, when it is dead.
    @discardableResult
    func plan(after duration: Duration, _ body: @escaping () -> Void) -> World.Planned {
        plan(at: world.now + duration, body)
    }

    @discardableResult
    func plan(at instant: ContinuousClock.Instant, _ body: @escaping () -> Void) -> World.Planned {
        world.plan(at: instant) { [self] in
            guard isAlive else { return }
            if isPaused { missed.append(body) } else { body() }
        }
    }

    func kill() {
        isAlive = false
        resume()
    }

    func pause() { isPaused = true }

    func resume() {
        isPaused = false
        for job in held { world.enqueue(job, of: self) }
        held = []
        let missed = missed
        self.missed = []
        if isAlive { for body in missed { plan(after: .zero, body) } }
    }
}

/// Runs a process's tasks on the world's thread.
final class ProcessExecutor: TaskExecutor, @unchecked Sendable {
    private unowned let process: Process

    init(_ process: Process) {
        self.process = process
    }

    func enqueue(_ job: consuming ExecutorJob) {
        process.world.enqueue(UnownedJob(job), of: process)
    }
}

/// The world's time, as a process sees it.
final class ProcessClock: Core.Clock, @unchecked Sendable {
    private unowned let process: Process

    init(_ process: Process) {
        self.process = process
    }

    var now: ContinuousClock.Instant { process.world.now }

    @discardableResult
    func schedule(at instant: ContinuousClock.Instant, _ body: @escaping @Sendable () -> Void) -> Alarm {
        let planned = Unchecked(process.plan(at: instant, body))
        return Alarm { planned.value.body = nil }
    }

    private struct Unchecked: @unchecked Sendable {
        let value: World.Planned

        init(_ value: World.Planned) {
            self.value = value
        }
    }
}
