package import Cluster
package import Core
internal import Messaging
internal import Platform
package import Testing

/// What a test with the trait `simulated` runs in: a world, one process in it, and a network.
package struct SimulatedTest: Sendable {
    /// Nil outside the trait.
    @TaskLocal package static var current: SimulatedTest?

    package let world: World
    package let process: Process
    package let network: SimulatedNetwork

    init() {
        world = World(seed: 1, hasThread: true)
        process = Process("test", in: world)
        network = SimulatedNetwork(world)
    }

    /// Returns after `milliseconds` of simulated time.
    package static func pass(milliseconds: Int) async throws(ImpRAGError) {
        guard let test = current else { throw ImpRAGError(.internal, "this test is not simulated") }
        try await test.process.clock.sleep(until: test.world.now + .milliseconds(milliseconds))
    }

    /// Returns when `condition` holds; throws after a simulated minute.
    package static func wait(until condition: () -> Bool) async throws(ImpRAGError) {
        for _ in 0..<60_000 {
            if condition() { return }
            try await pass(milliseconds: 1)
        }
        throw ImpRAGError(.deadlineExceeded, "what the test waits for has not come in a simulated minute")
    }

    /// A task concurrent with the test, on the world's thread.
    package static func task<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) -> Task<Value, any Error> {
        Task(executorPreference: current?.process.executor, operation: body)
    }
}

extension NodeEnvironment {
    /// The running simulated test's environment; elsewhere the machine's.
    package static var inTest: NodeEnvironment {
        guard let test = SimulatedTest.current else { return .system }
        return test.process.environment(test.network)
    }
}

extension Deadline {
    /// `milliseconds` from now in the simulated test's time. Elsewhere, for a deadline that is not meant to pass, a
    /// quarter of an hour from now: tests that compute may keep others waiting for minutes.
    package static func inTest(milliseconds: Int = 30_000) -> Deadline {
        guard let test = SimulatedTest.current else {
            return .after(milliseconds: milliseconds < 10_000 ? milliseconds : 900_000)
        }
        return .after(milliseconds: milliseconds, on: test.process.clock)
    }
}

/// Runs every test of a suite in a world of its own, on its thread: no test waits for real time.
package struct SimulatedTrait: SuiteTrait, TestTrait, TestScoping {
    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        let simulated = SimulatedTest()
        let thread = try NamedThread("world") { simulated.world.runUntilStopped() }
        defer {
            simulated.world.stop()
            withExtendedLifetime((thread, simulated)) {}
        }
        try await SimulatedTest.$current.withValue(simulated) {
            try await withTaskExecutorPreference(simulated.process.executor) { try await function() }
        }
    }
}

extension Trait where Self == SimulatedTrait {
    package static var simulated: Self { Self() }
}
