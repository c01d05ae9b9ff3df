import Core
import Testing

@testable import Coordinator

/// Prompts are named by letters; deadlines are milliseconds after an arbitrary instant.
struct PromptQueueTests {
    private static let start = ContinuousClock.now

    private typealias Queue = PromptQueue<String, String>

    private func queue(batchLimit: Int = 4, _ prompts: [(String, tokens: Int, deadline: Int)]) -> Queue {
        var queue = Queue(batchLimit: batchLimit, tokenLimit: 10)
        for prompt in prompts { add(prompt, to: &queue) }
        return queue
    }

    private func add(
        _ prompt: (String, tokens: Int, deadline: Int), of client: String = "client", to queue: inout Queue
    ) {
        queue.add(
            prompt.0, of: client, tokenCount: prompt.tokens,
            deadline: Deadline(Self.start + .milliseconds(prompt.deadline)))
    }

    private func drain(_ queue: inout Queue) -> [String] {
        var batches: [String] = []
        while case let batch = queue.next(), !batch.isEmpty { batches.append(batch.joined()) }
        return batches
    }

    @Test("the nearest deadline starts a batch, the shortest prompts that fit join it, and none runs twice")
    func order() {
        var queue = queue([("a", 6, 300), ("b", 3, 200), ("c", 4, 100), ("d", 3, 400), ("e", 9, 500)])
        #expect(queue.count == 5)
        #expect(drain(&queue) == ["cbd", "a", "e"])
        #expect(queue.count == 0)
    }

    @Test("among equal deadlines and lengths the earlier arrival goes first, up to the limit of prompts")
    func equals() {
        var queue = queue(batchLimit: 2, [("a", 1, 0), ("b", 1, 0), ("c", 1, 0)])
        #expect(drain(&queue) == ["ab", "c"])
    }

    @Test("a prompt that fills a batch, or more, runs alone")
    func alone() {
        var queue = queue([("a", 10, 1), ("b", 11, 2), ("c", 1, 3)])
        #expect(queue.next() == ["a"])
        #expect(queue.next() == ["b"])
        #expect(queue.next() == ["c"])
        #expect(queue.next() == [])
    }

    @Test("a short prompt waits for at most one long prompt, whether it arrived before or during it")
    func shortWaitsOnce() {
        var queue = queue([("L", 40, 1), ("M", 40, 2), ("a", 5, 9000)])
        #expect(queue.next() == ["L"])
        add(("b", 4, 9000), to: &queue)
        add(("c", 3, 9000), to: &queue)
        #expect(drain(&queue) == ["ac", "b", "M"])
    }

    @Test("a prompt that arrives after idle time has not waited for the long one before")
    func idle() {
        var queue = queue([("L", 40, 1)])
        #expect(drain(&queue) == ["L"])
        add(("a", 5, 9000), to: &queue)
        add(("M", 40, 2), to: &queue)
        #expect(drain(&queue) == ["M", "a"])
    }

    @Test("a prompt is overtaken by at most its own number of tokens, or a batch, even by nearer deadlines")
    func boundedOvertaking() {
        for tokens in [9, 40] {
            var queue = queue([("Z", tokens, 1_000_000)])
            var overtaking = 0
            while true {
                // A steady load, each prompt with a deadline nearer than Z's.
                while queue.count < 4 { add(("a", 5, 10), to: &queue) }
                let batch = queue.next()
                if batch.contains("Z") { break }
                overtaking += 5 * batch.count
            }
            #expect((max(10, tokens)..<max(10, tokens) + 10).contains(overtaking))
        }
    }

    @Test("a steady stream of long prompts does not starve short ones, nor the other way round")
    func mixedLoad() {
        var queue = queue([])
        var batches = ""
        for _ in 0..<12 {
            while queue.prompts.count(where: { $0 == "L" }) < 2 { add(("L", 20, 50), to: &queue) }
            while queue.prompts.count(where: { $0 == "s" }) < 2 { add(("s", 5, 50), to: &queue) }
            batches += queue.next()[0]
        }
        #expect(batches.count { $0 == "L" } >= 3)
        #expect(!batches.contains("LL"))
        #expect(!batches.contains("sssss"))
    }

    @Test("clients take turns: one with many prompts, all of them more urgent, does not make another one wait")
    func turns() {
        var queue = queue([])
        for _ in 0..<400 { add(("m", 5, 10), of: "many", to: &queue) }
        add(("f", 5, 9000), of: "few", to: &queue)
        #expect(queue.next().contains("f"))
        // One that comes later waits for one batch at most, and has no credit for the time before.
        add(("F", 10, 9000), of: "few", to: &queue)
        add(("G", 10, 9000), of: "few", to: &queue)
        let batches = (0..<6).map { _ in queue.next().joined() }
        #expect(batches.prefix(2).contains("F"), "\(batches)")
        #expect(batches.prefix(4).contains("G"), "\(batches)")
        #expect(batches.count { $0 == "mm" } == 4, "\(batches)")
    }

    @Test("turns are counted in tokens, not in prompts")
    func turnsByTokens() {
        var queue = queue([])
        for _ in 0..<40 { add(("L", 20, 10), of: "long", to: &queue) }
        for _ in 0..<400 { add(("s", 5, 10), of: "short", to: &queue) }
        let batches = (0..<30).map { _ in queue.next().joined() }
        let (long, short) = (batches.count { $0 == "L" } * 20, batches.joined().count { $0 == "s" } * 5)
        #expect(abs(long - short) <= 20, "\(long) \(short)")
    }

    @Test("prompts that nobody waits for are removed")
    func unwanted() {
        var queue = queue([("a", 1, 1), ("b", 2, 2), ("c", 3, 3)])
        queue.removeAll { $0 == "b" }
        #expect(queue.prompts == ["a", "c"])
        #expect(queue.next() == ["a", "c"])
    }
}
