import Cluster
import Core
import Foundation
import SimulatedWorld
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Coordinator
@testable import Generator

/// A whole cluster on a simulated clock and network, with every history checked; `make simulate SEEDS=1000` runs more
/// seeds.
struct SimulationTests {
    /// The outcome of one seed.
    private struct Outcome {
        var requests = 0
        var answered = 0
        var partial = 0
        var failures: [ErrorCode: Int] = [:]
        var problems: [String] = []
    }

    /// Something that happens to a node now and then.
    private static func trouble(_ cluster: SimulatedCluster, in world: World) {
        let node = cluster.nodes[Int.random(in: 0..<cluster.nodes.count, using: &world.random)]
        let pause = world.duration(5...1500)
        guard node.process.isAlive, !node.process.isPaused else { return }
        switch Int.random(in: 0..<10, using: &world.random) {
        case 0..<4:
            let process = node.process
            process.pause()
            world.plan(at: world.now + pause) { process.resume() }
        case 4..<7:
            cluster.kill(node)
            restart(node, after: pause, in: cluster, world)
        case 7:
            node.server?.beginDraining()
            drain(node, node.process, until: world.now + .milliseconds(400), in: cluster, world)
        default:
            guard let disk = cluster.disks.randomElement(using: &world.random)?.randomElement(using: &world.random)
            else { return }
            disk.health = world.chance(0.5) ? .full : .broken
            world.plan(at: world.now + pause) { disk.health = .well }
        }
    }

    /// Ends the node once it has finished what it has, or time is up.
    private static func drain(
        _ node: SimulatedCluster.Node, _ process: SimulatedWorld.Process, until end: ContinuousClock.Instant,
        in cluster: SimulatedCluster, _ world: World
    ) {
        // Time for the last replies to leave.
        world.plan(at: world.now + .milliseconds(20)) {
            guard node.process === process, process.isAlive else { return }
            guard node.server?.requestsInFlight == 0 || world.now >= end else {
                return drain(node, process, until: end, in: cluster, world)
            }
            cluster.kill(node)
            restart(node, after: .milliseconds(100), in: cluster, world)
        }
    }

    /// As a supervisor does: again, when it could not start.
    private static func restart(
        _ node: SimulatedCluster.Node, after pause: Duration, in cluster: SimulatedCluster, _ world: World
    ) {
        world.plan(at: world.now + pause) {
            do {
                try cluster.restart(node)
            } catch {
                cluster.kill(node)
                restart(node, after: .milliseconds(250), in: cluster, world)
            }
        }
    }

    /// - Parameter isCalm: without faults.
    private static func run(seed: UInt64, requests: Int, isCalm: Bool = false) throws -> Outcome {
        let world = World(seed: seed)
        world.doesShortWorkAtOnce = seed % 2 == 1
        var shape = SimulatedCluster.Shape()
        shape.coordinators = Int.random(in: 1...2, using: &world.random)
        shape.shards = Int.random(in: 1...4, using: &world.random)
        shape.partitions = Int.random(in: shape.shards...8, using: &world.random)
        shape.replicas = Int.random(in: 1...min(2, shape.shards), using: &world.random)
        shape.generators = Int.random(in: 1...3, using: &world.random)
        let cluster = try SimulatedCluster(shape, in: world)
        let history = try History(cluster)
        defer {
            history.stop()
            cluster.stop()
        }
        cluster.onEnd = { [weak cluster] name in
            world.plan(at: world.now) {
                guard let cluster, let node = cluster.nodes.first(where: { $0.name == name }) else { return }
                cluster.kill(node)
                restart(node, after: .milliseconds(250), in: cluster, world)
            }
        }
        world.run(for: .seconds(1))
        if !isCalm {
            func rate(_ largest: Double) -> Double {
                world.chance(0.5) ? Double.random(in: 0..<largest, using: &world.random) : 0
            }
            cluster.network.faults = NetworkFaults(
                lost: rate(0.02), late: rate(0.05), doubled: rate(0.1), reordered: rate(0.1))
        }
        if !isCalm, world.chance(0.5) {
            // Whether what failed was done is not known.
            cluster.store.before { _ in
                guard world.chance(0.02) else { return nil }
                return world.chance(0.5) ? .done(.unavailable) : .notDone(.unavailable)
            }
        }
        let troubles = !isCalm && world.chance(0.8)
        for _ in 0..<requests {
            history.askSomething(milliseconds: isCalm ? 4000...4000 : 200...4000)
            if troubles, world.chance(0.008) { trouble(cluster, in: world) }
            world.run(for: world.duration(0...10))
        }
        // Whatever happened, everything ends, and all resources are released.
        cluster.network.faults = NetworkFaults()
        cluster.store.before { _ in nil }
        for disk in cluster.disks.joined() where disk.health == .full { disk.health = .well }
        world.run(for: .seconds(6))
        history.checkQuiet()
        var problems: [String] = []
        for node in cluster.nodes { problems += leftovers(of: node, seed) }
        // And the cluster is whole again.
        let answered = history.answered
        history.search("at the end", k: 5, .fail, 2000)
        history.ask("at the end", k: 5, .fail, 2000)
        world.run(for: .seconds(3))
        if history.answered != answered + 2 { problems.append("seed \(seed): the cluster did not recover") }
        if isCalm, history.failures.contains(where: { $0.key != .cancelled }) {
            problems.append("seed \(seed): calm, and \(history.failures)")
        }
        try history.checkLog(cluster.openLog(), partitions: shape.partitions)
        problems = history.problems + problems
        return Outcome(
            requests: history.requestCount, answered: history.answered, partial: history.partial,
            failures: history.failures, problems: problems)
    }

    /// What a node still holds although no request is open.
    private static func leftovers(of node: SimulatedCluster.Node, _ seed: UInt64) -> [String] {
        var held: [String] = []
        if let service = node.coordinator {
            if service.states.usedBytes != 0 { held.append("\(service.states.usedBytes) bytes of prompt states") }
            if service.batcher.waitingCount != 0 { held.append("\(service.batcher.waitingCount) prompts") }
            let places = node.peers?.membership.withLock { $0.members.reduce(0) { $0 + $1.inFlight } } ?? 0
            if places != 0 { held.append("\(places) places at generators") }
        }
        if node.kind == .generator, let samples = node.server?.metrics.samples {
            for name in ["imprag_active_requests", "imprag_waiting_requests"] {
                if let count = samples.total(name), count != 0 { held.append("\(name) \(count)") }
            }
        }
        return held.map { "seed \(seed): \(node.name) still holds \($0)" }
    }

    private static var seedCount: Int {
        ProcessInfo.processInfo.environment["SIMULATION_SEEDS"].flatMap { Int($0) } ?? 200
    }

    @Test(
        "whatever is lost, delayed, doubled, paused, killed, drained or full: every request ends in time, right, flagged or failed"
    )
    func troubles() async throws {
        let start = ContinuousClock.now
        // Worlds share nothing, so every core runs one.
        let sum = try await withThrowingTaskGroup(of: Outcome.self) { group in
            for seed in 1...UInt64(max(1, Self.seedCount)) {
                group.addTask { Task.isCancelled ? Outcome() : try Self.run(seed: seed, requests: 1000) }
            }
            var sum = Outcome()
            for try await outcome in group {
                sum.requests += outcome.requests
                sum.answered += outcome.answered
                sum.partial += outcome.partial
                sum.failures.merge(outcome.failures) { $0 + $1 }
                sum.problems += outcome.problems
                if !outcome.problems.isEmpty { group.cancelAll() }
            }
            return sum
        }
        #expect(sum.problems.isEmpty, "\(sum.problems.prefix(5).joined(separator: "\n"))")
        // A simulation in which everything failed would prove nothing.
        #expect(sum.answered > sum.requests / 3 && sum.partial > 0)
        let rate = Double(sum.requests) / ((ContinuousClock.now - start) / .seconds(1))
        print(
            "simulated \(sum.requests) requests of \(Self.seedCount) seeds, \(Int(rate)) a second: \(sum.answered) answered, "
                + "\(sum.partial) of them in part, the rest failed: "
                + sum.failures.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
    }

    @Test("without faults every request is answered, and cancelling one stops no other", arguments: 1...5)
    func calm(seed: UInt64) throws {
        let outcome = try Self.run(seed: seed, requests: 300, isCalm: true)
        #expect(outcome.problems.isEmpty, "\(outcome.problems.prefix(5).joined(separator: "\n"))")
    }

    @Test(
        "answers whose generator is killed, or stops in an orderly way, are finished by another one, with no token lost or sent twice",
        arguments: 1...10)
    func movedAnswers(seed: UInt64) throws {
        let world = World(seed: seed)
        // An answer takes about a tenth of a second: the end of a generator comes in the middle of many.
        world.jobMilliseconds["generate"] = 10...15
        let cluster = try SimulatedCluster(SimulatedCluster.Shape(generators: 2), in: world)
        let history = try History(cluster)
        defer {
            history.stop()
            cluster.stop()
        }
        world.run(for: .seconds(1))
        for number in 0..<60 {
            history.ask("question \(number)", k: 4, .fail, 4000)
            world.run(for: world.duration(20...60))
            let node = cluster.generators[number / 10 % 2]
            switch number % 10 {
            case 4: node.server?.beginDraining()
            case 5: cluster.kill(node)
            case 8: try cluster.restart(node)
            default: break
            }
        }
        world.run(for: .seconds(5))
        history.checkQuiet()
        #expect(history.problems.isEmpty, "\(history.problems.prefix(5).joined(separator: "\n"))")
        #expect(history.answered == 60, "seed \(seed): \(history.failures)")
    }

    @Test("the same seed gives the same history")
    func determinism() throws {
        let outcomes = try (0..<2).map { _ in try Self.run(seed: 7, requests: 200) }
        #expect(outcomes[0].answered == outcomes[1].answered && outcomes[0].partial == outcomes[1].partial)
    }
}
