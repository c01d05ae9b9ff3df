import Cluster
import Core
import Messaging
import Model
import SimulatedWorld
import Synchronization
import Testing
import Wire

@testable import Generator

/// The decode loop by itself: orders in, decisions out, and time that the test moves.
struct GenerationLoopTests {
    private let world = World(seed: 1)
    private let engine = FakeEngine()
    private let metrics = MetricRegistry()

    private func loop(activeLimit: Int = 4, memory: Int = 1 << 20) throws -> (GenerationLoop, Process) {
        let process = Process("generator", in: world)
        return (
            GenerationLoop(
                engine, activeLimit: activeLimit, memory: ByteCount(memory), metrics: try GenerationMetrics(metrics),
                clock: process.clock), process
        )
    }

    private func order(
        _ id: Int, of client: String = "many", maxTokens: Int = 5, milliseconds: Int = 1000, on process: Process
    ) throws -> GenerationOrder {
        let zeros = CacheNumbers.f32([0, 0, 0, 0])
        let job = GenerationJob(
            state: PromptState(
                tokens: [0, Int32(id)], requestedPassages: 0, hidden: [0, 0, 0, 0, 0, 0], keys: zeros, values: zeros,
                queryEmbedding: [0, 0]),
            passages: [], encoding: .segmented, sampling: try Sampling(maxTokens: maxTokens))
        return GenerationOrder(
            id: id, job: job, deadline: .after(milliseconds: milliseconds, on: process.clock), arrival: world.now,
            client: RemoteClient(node: client))
    }

    private func take(_ orders: inout [GenerationOrder], _ places: GenerationPlaces) -> GenerationOrder? {
        orders.firstIndex { places.admits($0.client) }.map { orders.remove(at: $0) }
    }

    /// What a round decided, in short: `1` is a token of order 1, `1.` its end, `1!` its failure.
    private func words(_ decisions: [GenerationLoop.Decision]) -> [String] {
        decisions.map { decision in
            switch decision {
            case .token(let id, _): "\(id)"
            case .done(let id, _): "\(id)."
            case .failed(let id, _): "\(id)!"
            }
        }
    }

    @Test("answers in progress take turns, so a short one does not wait for a long one")
    func turns() throws {
        var (loop, process) = try loop()
        var orders = [try order(1, maxTokens: 200, on: process)]
        func round() -> [String] {
            words(loop.round(next: { take(&orders, $0) }, isAbandoned: { _ in false }))
        }
        #expect(round() == ["1"])
        orders.append(try order(2, maxTokens: 2, on: process))
        #expect(round() == ["1", "2"])
        #expect(round() == ["1", "2"])
        #expect(round() == ["1", "2."])
        #expect(round() == ["1"])
        #expect(metrics.samples.total("imprag_active_requests") == 1)
        #expect(metrics.samples.total("imprag_tokens_total") == 7)
    }

    @Test("an abandoned answer and one past its deadline generate no further token; the others do")
    func endings() throws {
        var (loop, process) = try loop()
        var orders = [
            try order(1, maxTokens: 100, milliseconds: 50, on: process), try order(2, maxTokens: 100, on: process),
            try order(3, maxTokens: 100, on: process),
        ]
        var gone: Set<Int> = []
        func round() -> [String] {
            words(
                loop.round(next: { take(&orders, $0) }, isAbandoned: { gone.contains($0) }))
        }
        // One reads a part in each round.
        for _ in 0..<3 { _ = round() }
        #expect(round() == ["1", "2", "3"])
        world.elapse(.milliseconds(50))
        #expect(round() == ["1!", "2", "3"])
        gone = [3]
        #expect(round() == ["3!", "2"])
        #expect(round() == ["2"])
        #expect(engine.steps.withLock { $0.count { $0 == 1 } } == 4)
        gone = [2]
        #expect(round() == ["2!"])
        #expect(loop.isIdle && metrics.samples.total("imprag_answer_bytes") == 0)
    }

    @Test("an order whose deadline passed while it waited, or that nobody wants, is not begun")
    func notBegun() throws {
        var (loop, process) = try loop(activeLimit: 1)
        var orders = [
            try order(1, maxTokens: 2, on: process), try order(2, milliseconds: 10, on: process),
            try order(3, on: process), try order(4, maxTokens: 1, on: process),
        ]
        func round() -> [String] {
            words(loop.round(next: { take(&orders, $0) }, isAbandoned: { $0 == 3 }))
        }
        #expect(round() == ["1"])
        world.elapse(.milliseconds(10))
        #expect(round() == ["1"])
        #expect(round() == ["1."])
        #expect(round() == ["2!", "3!", "4"])
        #expect(engine.begun.withLock { $0.map { $0.tokens.last } } == [1, 4])
    }

    @Test(
        "the pace is measured from one round's end to the next one's, and nothing is measured while there is nothing to do"
    )
    func pace() throws {
        var (loop, process) = try loop()
        for id in 1...6 {
            world.elapse(.seconds(60))
            var orders = [try order(id, maxTokens: 3, on: process)]
            while !orders.isEmpty || !loop.isIdle {
                _ = loop.round(next: { take(&orders, $0) }, isAbandoned: { _ in false })
                world.elapse(.milliseconds(10))
            }
        }
        // Three tokens and the end; reading takes no round of its own. The first one's time is not known.
        let pace = loop.forecast.pace
        #expect(abs(pace.secondsPerAnswer - 0.03) < 1e-9, "\(pace)")
        #expect(pace.secondsPerStep <= 0.01 && pace.secondsPerStep > 0, "\(pace)")
        #expect(loop.forecast.loads.isEmpty)
    }

    @Test(
        "beside a client with many long answers, another one's begins in the next round, and ends as if it were alone")
    func fairness() throws {
        var (loop, process) = try loop(activeLimit: 3)
        var orders = try (1...9).map { try order($0, maxTokens: 100, milliseconds: 60_000, on: process) }
        func round() -> [String] {
            words(loop.round(next: { take(&orders, $0) }, isAbandoned: { _ in false }))
        }
        for _ in 0..<5 { _ = round() }
        #expect(round() == ["1", "2", "3"])
        for id in [20, 21] {
            orders.append(try order(id, of: "one", maxTokens: 3, milliseconds: 60_000, on: process))
            for _ in 0..<3 { #expect(round() == ["1", "2", "\(id)"]) }
            #expect(round() == ["1", "2", "\(id)."])
            // What gave way goes on where it was.
            #expect(round() == ["1", "2", "3"])
        }
        #expect(metrics.samples.total("imprag_pauses_total") == 2)
        var ended: [String] = []
        while ended.count < 9 { ended += round().filter { $0.hasSuffix(".") } }
        #expect(ended == (1...9).map { "\($0)." } && loop.isIdle)
        #expect(engine.begun.withLock { $0.count } == 11)
    }

    @Test("a paused answer ends at its deadline, or when nobody wants it")
    func pausedEndings() throws {
        var (loop, process) = try loop(activeLimit: 2)
        var orders = [
            try order(1, maxTokens: 100, milliseconds: 60_000, on: process),
            try order(2, maxTokens: 100, milliseconds: 50, on: process),
        ]
        var gone: Set<Int> = []
        func round() -> [String] {
            words(loop.round(next: { take(&orders, $0) }, isAbandoned: { gone.contains($0) }))
        }
        for _ in 0..<3 { _ = round() }
        orders.append(try order(3, of: "one", maxTokens: 100, milliseconds: 60_000, on: process))
        #expect(round() == ["1", "3"])
        world.elapse(.milliseconds(50))
        #expect(round() == ["2!", "1", "3"])
        gone = [1]
        #expect(round() == ["1!", "3"])
        #expect(metrics.samples.total("imprag_active_requests") == 1)
    }
}
