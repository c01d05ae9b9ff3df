package import Core
internal import Platform

/// A process's threads: each job takes some simulated time and then runs instantly.
// Sendable: see `World`.
package final class SimulatedWorkers: Workers, @unchecked Sendable {
    private let process: Process
    private let name: String
    private let count: Int
    private let queueLimit: Int
    /// How long a job takes.
    private let milliseconds: ClosedRange<Double>
    private var queue: [@Sendable () -> Void] = []
    private var busy = 0
    private var isStopped = false

    package init(_ process: Process, name: String, count: Int, queueLimit: Int) {
        self.process = process
        self.name = name
        self.count = count
        self.queueLimit = queueLimit
        milliseconds = process.world.jobMilliseconds[name] ?? 0.1...2
    }

    package func submit(_ job: @escaping @Sendable () -> Void) throws(ImpRAGError) {
        guard !isStopped else { throw ImpRAGError(.unavailable, "\(name) is stopping") }
        guard busy >= count else { return begin(job) }
        guard queue.count < queueLimit else {
            throw ImpRAGError(
                .resourceExhausted,
                "\(queueLimit) requests already wait for \(name), which is its limit; try again later")
        }
        queue.append(job)
    }

    private func begin(_ job: @escaping @Sendable () -> Void) {
        busy += 1
        process.plan(after: process.world.duration(milliseconds)) { [self] in
            job()
            busy -= 1
            if busy < count, !queue.isEmpty { begin(queue.removeFirst()) }
        }
    }

    package var waitingCount: Int { queue.count }

    package func stop() { isStopped = true }

    package func join(milliseconds: Int) -> Bool { true }
}
