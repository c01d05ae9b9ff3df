import Core
import Platform
import Synchronization
import Testing

@testable import Cluster

/// Keeps jobs until the test runs them.
private final class ManualWorkers: Workers {
    private let jobs = Mutex<[@Sendable () -> Void]>([])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    func submit(_ job: @escaping @Sendable () -> Void) throws(ImpRAGError) {
        let isTaken = jobs.withLock { jobs in
            guard jobs.count < limit else { return false }
            jobs.append(job)
            return true
        }
        if !isTaken { throw ImpRAGError(.resourceExhausted, "\(limit) jobs wait") }
    }

    func runAll() {
        while let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { job() }
    }

    var waitingCount: Int { jobs.withLock { $0.count } }
    func stop() {}
    func join(milliseconds: Int) -> Bool { true }
}

/// What was done, in order.
private final class Notes: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }
    func add(_ text: String) { texts.withLock { $0.append(text) } }
}

struct FairWorkersTests {
    private let done = Notes()

    private func submit(_ name: String, of client: String, to fair: FairWorkers<String>) throws {
        try fair.submit(of: client, refuse: { [done] _ in done.add("-" + name) }, { [done] in done.add(name) })
    }

    @Test("clients' jobs are done in turn, and each one's in order")
    func turns() throws {
        let workers = ManualWorkers(limit: 10)
        let fair = FairWorkers<String>(workers)
        for number in 1...4 { try submit("m\(number)", of: "many", to: fair) }
        try submit("f", of: "few", to: fair)
        #expect(fair.waitingCount == 5)
        workers.runAll()
        #expect(done.all == ["m1", "f", "m2", "m3", "m4"])
    }

    @Test("in a full queue, the latest job of the client with the most gives way, and is told")
    func full() throws {
        let workers = ManualWorkers(limit: 3)
        let fair = FairWorkers<String>(workers)
        for number in 1...3 { try submit("m\(number)", of: "many", to: fair) }
        #expect(throws: ImpRAGError.self) { try submit("m4", of: "many", to: fair) }
        try submit("f", of: "few", to: fair)
        #expect(done.all == ["-m3"])
        #expect(throws: ImpRAGError.self) { try submit("f2", of: "few", to: fair) }
        workers.runAll()
        #expect(done.all == ["-m3", "m1", "f", "m2"])
    }
}
