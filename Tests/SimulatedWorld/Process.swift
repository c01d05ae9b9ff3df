package import Core

/// A process in a world: it can be paused and killed, and has its own clock, threads and executor.
// Sendable: see `World`.
package final class Process: @unchecked Sendable {
    package let name: String
    package let world: World
    package private(set) var isAlive = true
    package private(set) var isPaused = false
    package private(set) lazy var executor = ProcessExecutor(self)
    package private(set) lazy var clock = ProcessClock(self)
    /// Jobs that resume when the process does.
    var held: [UnownedJob] = []
    /// What happened while the process was paused, oldest first.
    private var missed: [() -> Void] = []

    package init(_ name: String, in world: World) {
        self.name = name
        self.world = world
    }

    /// Schedules something in the process: it happens later if the process is paused then, and never if it is dead.
    @discardableResult
    package func plan(after duration: Duration, _ body: @escaping () -> Void) -> World.Planned {
        plan(at: world.now + duration, body)
    }

    @discardableResult
    package func plan(at instant: ContinuousClock.Instant, _ body: @escaping () -> Void) -> World.Planned {
        world.plan(at: instant) { [self] in perform(body) }
    }

    /// Like `plan`, for now.
    func soon(_ body: @escaping () -> Void) {
        world.soon { [self] in perform(body) }
    }

    private func perform(_ body: @escaping () -> Void) {
        guard isAlive else { return }
        if isPaused { missed.append(body) } else { body() }
    }

    package func kill() {
        isAlive = false
        resume()
    }

    package func pause() { isPaused = true }

    package func resume() {
        isPaused = false
        for job in held { world.enqueue(job, of: self) }
        held = []
        let missed = missed
        self.missed = []
        if isAlive { for body in missed { plan(after: .zero, body) } }
    }
}

/// Runs a process's tasks on the world's thread.
package final class ProcessExecutor: TaskExecutor, @unchecked Sendable {
    private unowned let process: Process

    init(_ process: Process) {
        self.process = process
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        process.world.enqueue(UnownedJob(job), of: process)
    }
}

/// The world's clock, as a process sees it.
package final class ProcessClock: Core.Clock, @unchecked Sendable {
    private unowned let process: Process

    init(_ process: Process) {
        self.process = process
    }

    package var now: ContinuousClock.Instant { process.world.now }

    @discardableResult
    package func schedule(at instant: ContinuousClock.Instant, _ body: @escaping @Sendable () -> Void) -> Alarm {
        let planned = Unchecked(value: process.plan(at: instant, body))
        return Alarm { planned.value.body = nil }
    }

    // Sendable: see `World`.
    private struct Unchecked: @unchecked Sendable {
        let value: World.Planned
    }
}
