import Core
import TestSupport
import Testing
import Wire

@testable import Coordinator

struct FanOutTests {
    private func hit(_ id: String, _ score: Float) -> ScoredPassage {
        ScoredPassage(passage: Passage(id: id, title: "", text: ""), score: score, rank: 0)
    }

    private func reply(_ hits: [ScoredPassage], searched: Int = 10) -> ShardSearchReply {
        ShardSearchReply(queries: [QueryHits(passages: hits)], passagesSearched: searched)
    }

    private func fanOut(_ names: [String] = ["a", "b"], k: Int = 3) -> FanOut {
        FanOut(shards: names.map { ($0, 100) }, k: k, milliseconds: 500)
    }

    private func outcome(_ action: FanOut.Action) throws -> FanOut.Outcome {
        guard case .finish(let outcome) = action else { throw ImpRAGError(.internal, "not finished") }
        return outcome
    }

    @Test("hits are merged by score, equal scores by id, and ranked from 0")
    func merge() throws {
        var search = fanOut()
        #expect(search.answered("a", with: reply([hit("z", 3), hit("m", 1)])) == .wait)
        let outcome = try outcome(search.answered("b", with: reply([hit("c", 3), hit("b", 1), hit("a", 0)])))
        #expect(outcome.passages.map(\.passage.id) == ["c", "z", "b"])
        #expect(outcome.passages.map(\.rank) == [0, 1, 2])
        #expect(outcome.completeness.isComplete)
        #expect(outcome.completeness.passagesSearched == 20)
        #expect(outcome.completeness.passagesTotal == 20)
    }

    @Test("a shard that misses the deadline is named in the answer, not waited for")
    func lateShardIsNamed() throws {
        var search = fanOut()
        #expect(search.answered("a", with: reply([hit("x", 1)])) == .wait)
        let outcome = try outcome(search.deadlinePassed())
        #expect(outcome.passages.map(\.passage.id) == ["x"])
        #expect(
            outcome.completeness.shards == [
                ShardOutcome(name: "a", state: .answered, passagesSearched: 10),
                ShardOutcome(name: "b", state: .timedOut, message: "no answer within 500 ms", passagesSearched: 0),
            ])
        #expect(outcome.completeness.passagesTotal == 110)
        #expect(!outcome.completeness.isComplete)
        #expect(search.answered("b", with: reply([hit("y", 9)])) == .wait)
        #expect(search.deadlinePassed() == .wait)
    }

    @Test("an incomplete search is an error that names the shards, unless partial answers are welcome")
    func policy() throws {
        var search = fanOut(["a", "b", "c"])
        _ = search.answered("a", with: reply([]))
        _ = search.failed("b", ImpRAGError(.unavailable, "the connection was lost"))
        let outcome = try outcome(search.failed("c", ImpRAGError(.deadlineExceeded, "no answer within 500 ms")))
        let error = #expect(throws: ImpRAGError.self) { try outcome.checked(.fail) }
        #expect(error?.code == .unavailable)
        #expect(
            error?.message.hasPrefix(
                "1 of 3 shards answered; b: the connection was lost; c: no answer within 500 ms") == true)
        #expect(try outcome.checked(.partial) == outcome)
    }

    @Test(
        "one cause keeps its code", arguments: [ErrorCode.deadlineExceeded, .unavailable, .failedPrecondition])
    func singleCause(code: ErrorCode) throws {
        var search = fanOut()
        _ = search.failed("a", ImpRAGError(code, "why"))
        let outcome = try outcome(search.failed("b", ImpRAGError(code, "why")))
        #expect(#expect(throws: ImpRAGError.self) { try outcome.checked(.fail) }?.code == code)
    }

    @Test("doubled, unknown and contradictory answers change nothing")
    func duplicates() throws {
        var search = fanOut()
        #expect(search.answered("a", with: reply([hit("x", 1)])) == .wait)
        #expect(search.answered("a", with: reply([hit("x2", 2)])) == .wait)
        #expect(search.failed("a", ImpRAGError(.internal, "late")) == .wait)
        #expect(search.answered("nobody", with: reply([hit("x3", 3)])) == .wait)
        let outcome = try outcome(search.answered("b", with: reply([])))
        #expect(outcome.passages.map(\.passage.id) == ["x"])
    }

    @Test("an answer that cannot be one makes its shard a failed one")
    func nonsense() throws {
        for bad in [
            reply([hit("x", .nan)]), reply([hit("x", .infinity)]), ShardSearchReply(queries: [], passagesSearched: 1),
            reply((0..<4).map { hit("\($0)", 1) }),
        ] {
            var search = fanOut()
            #expect(search.answered("a", with: bad) == .wait)
            let outcome = try outcome(search.answered("b", with: reply([hit("y", 1)])))
            #expect(outcome.passages.map(\.passage.id) == ["y"])
            #expect(outcome.completeness.shards.first?.state == .failed)
        }
    }

    @Test("whatever the order of answers and failures, the outcome is the same", arguments: 1...5)
    func orderDoesNotMatter(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let names = ["a", "b", "c", "d"]
        let replies = names.map { name in
            reply((0..<3).map { hit("\(name)\($0)", Float(Int.random(in: 0...2, using: &random))) })
        }
        var outcomes: [FanOut.Outcome] = []
        for _ in 0..<10 {
            var search = fanOut(names)
            var last = FanOut.Action.wait
            for place in names.indices.shuffled(using: &random) {
                last =
                    place == 3
                    ? search.failed(names[place], ImpRAGError(.unavailable, "down"))
                    : search.answered(names[place], with: replies[place])
            }
            outcomes.append(try outcome(last))
        }
        #expect(Set(outcomes.map { $0.passages.map(\.passage.id) }).count == 1, "seed \(seed)")
        #expect(outcomes.allSatisfy { $0 == outcomes[0] }, "seed \(seed)")
    }
}
