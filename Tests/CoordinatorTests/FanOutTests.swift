import Cluster
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

    /// A search in which each shard is called by its name.
    private struct Search {
        var fanOut: FanOut
        var parts: [String: FanOut.Part] = [:]

        init(_ fanOut: FanOut) {
            self.fanOut = fanOut
            for case .ask(let part) in self.fanOut.begin(left: 500) { parts[part.node] = part }
        }

        mutating func answered(_ name: String, with reply: ShardSearchReply) -> [FanOut.Action] {
            guard let part = parts[name] else { return fanOut.answered(-1, with: reply, left: 100) }
            return fanOut.answered(part.number, with: FanOutTests.reply(reply, to: part), left: 100)
        }

        mutating func failed(_ name: String, _ error: ImpRAGError) -> [FanOut.Action] {
            fanOut.failed(parts[name]?.number ?? -1, error, left: 100)
        }
    }

    /// A reply for the partitions that were asked for.
    private static func reply(_ reply: ShardSearchReply, to part: FanOut.Part) -> ShardSearchReply {
        var reply = reply
        reply.partitions = part.partitions.map { PartitionFigures(partition: $0, passages: 10, epoch: 0) }
        return reply
    }

    private func known(_ owners: [[String]], _ states: [String: Membership.State] = [:]) -> FanOut.Knowledge {
        let names = Set(owners.joined()).sorted()
        let nodes = names.compactMap { name in
            (try? Endpoint("ipc:///\(name)")).map { Topology.Node(name: name, kind: .shard, endpoint: $0) }
        }
        return FanOut.Knowledge(
            topology: Topology(version: 1, nodes: nodes, owners: owners), states: states,
            passages: Dictionary(uniqueKeysWithValues: owners.indices.map { ($0, 100) }))
    }

    private func fanOut(_ names: [String] = ["a", "b"], k: Int = 3) -> Search {
        Search(FanOut(known(names.map { [$0] }), k: k))
    }

    @Test("a shard that owes an epoch is asked for it, after those that owe none")
    func owed() {
        var known = known([["a", "b"]], ["a": .ready, "b": .ready])
        known.epochs = ["a": 6, "b": 6]
        known.owed = ["a": 7]
        var fanOut = FanOut(known, k: 3, minEpoch: 2)
        guard case .ask(let first)? = fanOut.begin(left: 500).first else { return #expect(Bool(false), "nobody asked") }
        #expect(first.node == "b" && first.minEpoch == 2)
        guard case .ask(let second)? = fanOut.failed(first.number, late, left: 100).first else {
            return #expect(Bool(false), "nobody asked")
        }
        #expect(second.node == "a" && second.minEpoch == 7)
    }

    private let late = ImpRAGError(.deadlineExceeded, "no answer within 500 ms")

    private func outcome(_ actions: [FanOut.Action]) throws -> FanOut.Outcome {
        guard actions.count == 1, case .finish(let outcome) = actions[0] else {
            throw ImpRAGError(.internal, "not finished: \(actions)")
        }
        return outcome
    }

    @Test("hits are merged by score, equal scores by id, and ranked from 0")
    func merge() throws {
        var search = fanOut()
        #expect(search.answered("a", with: reply([hit("z", 3), hit("m", 1)])).isEmpty)
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
        #expect(search.answered("a", with: reply([hit("x", 1)])).isEmpty)
        let outcome = try outcome(search.failed("b", late))
        #expect(outcome.passages.map(\.passage.id) == ["x"])
        #expect(
            outcome.completeness.shards == [
                ShardOutcome(
                    name: "a", state: .answered, passagesSearched: 10,
                    partitions: [PartitionFigures(partition: 0, passages: 10, epoch: 0)]),
                ShardOutcome(name: "b", state: .timedOut, message: "no answer within 500 ms", passagesSearched: 0),
            ])
        #expect(outcome.completeness.passagesTotal == 110)
        #expect(!outcome.completeness.isComplete)
        #expect(search.answered("b", with: reply([hit("y", 9)])).isEmpty)
        #expect(search.failed("b", late).isEmpty)
    }

    @Test("an incomplete search is an error that names the shards, unless partial answers are allowed")
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

    @Test("duplicate, unknown and contradictory answers change nothing")
    func duplicates() throws {
        var search = fanOut()
        #expect(search.answered("a", with: reply([hit("x", 1)])).isEmpty)
        #expect(search.answered("a", with: reply([hit("x2", 2)])).isEmpty)
        #expect(search.failed("a", ImpRAGError(.internal, "late")).isEmpty)
        #expect(search.answered("nobody", with: reply([hit("x3", 3)])).isEmpty)
        let outcome = try outcome(search.answered("b", with: reply([])))
        #expect(outcome.passages.map(\.passage.id) == ["x"])
    }

    @Test("an impossible answer makes its shard a failed one")
    func nonsense() throws {
        for bad in [
            reply([hit("x", .nan)]), reply([hit("x", .infinity)]), ShardSearchReply(queries: [], passagesSearched: 1),
            reply((0..<4).map { hit("\($0)", 1) }),
        ] {
            var search = fanOut()
            #expect(search.answered("a", with: bad).isEmpty)
            let outcome = try outcome(search.answered("b", with: reply([hit("y", 1)])))
            #expect(outcome.passages.map(\.passage.id) == ["y"])
            #expect(outcome.completeness.shards.first?.state == .failed)
        }
    }

    // MARK: Words

    /// Hits for two terms, by id and how often the passage has each.
    private func words(
        _ hits: [(String, [Int])], passages: Int = 100, having: [Int] = [10, 10], terms: [String] = ["red", "fox"],
        weight: Double? = nil
    ) -> ShardWords {
        ShardWords(
            terms: terms, passages: passages, tokens: 10 * passages, passagesWithTerm: having,
            hits: hits.map { id, frequencies in
                ShardWordHit(
                    passage: Passage(id: id, title: "", text: ""), frequencies: frequencies, length: 10)
            }, weight: weight)
    }

    private func reply(_ hits: [ScoredPassage]?, _ words: ShardWords?) -> ShardSearchReply {
        ShardSearchReply(queries: hits.map { [QueryHits(passages: $0)] } ?? [], passagesSearched: 10, words: words)
    }

    private func fanOut(_ mode: WordsMode, k: Int = 3, weight: Double? = nil) -> Search {
        Search(
            FanOut(known([["a"], ["b"]]), k: k, words: WordsOptions(mode: mode, weight: weight)))
    }

    @Test("by words alone, hits of all shards are scored with the sums of their statistics")
    func wordsOnly() throws {
        // In shard a nearly every passage has "red", in shard b nearly every one has "fox". Over both, the words are
        // equally frequent, so a passage with either of them once scores the same in both shards.
        var search = fanOut(.only, k: 4)
        #expect(
            search.answered("a", with: reply(nil, words([("f", [0, 1]), ("r", [1, 0])], having: [99, 1]))).isEmpty)
        let outcome = try outcome(
            search.answered(
                "b", with: reply(nil, words([("q", [1, 0]), ("e", [0, 1]), ("x", [1, 1])], having: [1, 99]))))
        #expect(outcome.passages.map(\.passage.id) == ["x", "e", "f", "q"])
        #expect(outcome.passages.map(\.rank) == [0, 1, 2, 3])
        #expect(Set(outcome.passages.dropFirst().map(\.score)).count == 1)
        #expect(outcome.passages.map { $0.byWords?.rank } == [0, 1, 2, 3])
        #expect(outcome.passages.allSatisfy { $0.byVector == nil && $0.byWords?.score == $0.score })
    }

    @Test("both lists are fused over all shards, and a passage says where each list has it")
    func fused() throws {
        var search = fanOut(.fuse)
        #expect(
            search.answered("a", with: reply([hit("a1", 9), hit("a2", 5)], words([("a2", [2, 1]), ("a3", [1, 0])])))
                .isEmpty)
        let outcome = try outcome(
            search.answered("b", with: reply([hit("b1", 7)], words([("b2", [1, 1])]))))
        // By vectors a1, b1, a2; by words a2, b2, a3.
        #expect(outcome.passages.map(\.passage.id) == ["a2", "a1", "b1"])
        let first = try #require(outcome.passages.first)
        #expect(first.byVector == ListPlace(score: 5, rank: 2))
        #expect(first.byWords?.rank == 0)
        #expect(first.score == Float(0.5 / 8 + 0.5 / 6))
        #expect(outcome.passages[1].byVector == ListPlace(score: 9, rank: 0))
        #expect(outcome.passages[1].byWords == nil)
    }

    @Test("the request's weight counts, without it the index's, without either one half")
    func weights() throws {
        for (given, calibrated, expected) in [
            (0.9, 0.3, 0.9), (nil, 0.3, 0.3), (nil, nil, 0.5),
        ] as [(Double?, Double?, Double)] {
            var search = fanOut(.fuse, weight: given)
            _ = search.answered("a", with: reply([hit("v", 1)], words([("w", [1, 1])], weight: calibrated)))
            let outcome = try outcome(search.answered("b", with: reply([], words([], weight: calibrated))))
            let score = try #require(outcome.passages.first { $0.passage.id == "w" }?.score)
            #expect(score == Float(expected / 6))
        }
    }

    @Test("when a shard is missing, the others' lists are fused with their own statistics")
    func partialWords() throws {
        var search = fanOut(.fuse)
        _ = search.answered("a", with: reply([hit("v", 1)], words([("w", [1, 1])])))
        let outcome = try outcome(search.failed("b", late))
        #expect(outcome.passages.map(\.passage.id) == ["v", "w"])
        #expect(!outcome.completeness.isComplete)
    }

    @Test("a shard that ignores the words, or analyzes them into other terms, counts as failed and says why")
    func wordsIgnored() throws {
        for (bad, reason) in [
            (reply([hit("x", 1)], nil), "version without them"),
            (reply([], words([], terms: ["rot", "fuchs"])), "different indexes"),
            (reply([], words((0..<101).map { ("\($0)", [1, 1]) })), "at most 100"),
            (reply(nil, words([])), "one of at most 100"),
        ] {
            var search = fanOut(.fuse)
            _ = search.answered("a", with: reply([hit("y", 1)], words([])))
            let outcome = try outcome(search.answered("b", with: bad))
            #expect(outcome.passages.map(\.passage.id) == ["y"])
            let message = outcome.completeness.shards.last?.message ?? ""
            #expect(message.contains(reason), "\(message)")
        }
        var off = fanOut(k: 3)
        _ = off.answered("a", with: reply([], words([])))
        #expect(try outcome(off.answered("b", with: reply([]))).completeness.shards.first?.state == .failed)
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
            var last: [FanOut.Action] = []
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

    // MARK: Replicas

    private func parts(_ actions: [FanOut.Action]) -> [FanOut.Part] {
        actions.compactMap { if case .ask(let part) = $0 { part } else { nil } }
    }

    @Test("every node is asked once, for all of its partitions; the ready replica comes first")
    func replicas() {
        var search = FanOut(
            known([["a", "b"], ["b", "c"], ["a"]], ["a": .ready, "b": .unreachable(message: "gone"), "c": .ready]),
            k: 1)
        let asked = parts(search.begin(left: 400))
        #expect(asked.map(\.node) == ["a", "c"])
        #expect(asked.map(\.partitions) == [[0, 2], [1]])
        // Time is left for another replica, if there is one.
        #expect(asked.map(\.milliseconds) == [200, 200])
        var single = FanOut(known([["a"]]), k: 1)
        #expect(parts(single.begin(left: 400)).map(\.milliseconds) == [400])
    }

    @Test("the less loaded of two ready replicas is asked; equally loaded ones take turns")
    func load() {
        func asked(_ loads: [String: Int], turn: Int, _ states: [String: Membership.State] = [:]) -> [String] {
            var known = known([["a", "b"], ["a", "b"]], ["a": .ready, "b": .ready].merging(states) { $1 })
            (known.loads, known.turn) = (loads, turn)
            var search = FanOut(known, k: 1)
            return parts(search.begin(left: 400)).map { "\($0.node) \($0.partitions)" }
        }
        #expect(asked(["a": 3, "b": 2], turn: 0) == ["b [0, 1]"])
        #expect(asked(["a": 2, "b": 3], turn: 1) == ["a [0, 1]"])
        #expect((0..<4).map { asked([:], turn: $0) } == [["a [0, 1]"], ["b [0, 1]"], ["a [0, 1]"], ["b [0, 1]"]])
        // However busy: the other one may not be there.
        #expect(asked(["a": 100], turn: 1, ["b": .silent(message: "no answer")]) == ["a [0, 1]"])
    }

    @Test("a replica that is known to have the epoch that the search wants is asked first, and then the other one")
    func epoch() {
        var known = known([["a", "b"]], ["a": .ready, "b": .ready])
        (known.loads, known.epochs) = (["b": 5], ["a": 6, "b": 7])
        var search = FanOut(known, k: 1, minEpoch: 7)
        let first = parts(search.begin(left: 400))
        #expect(first.map(\.node) == ["b"] && first.map(\.milliseconds) == [200])
        #expect(parts(search.failed(first[0].number, late, left: 200)).map(\.node) == ["a"])
        var indifferent = FanOut(known, k: 1, minEpoch: 6)
        #expect(parts(indifferent.begin(left: 400)).map(\.node) == ["a"])
    }

    @Test("only the failures of replicas whose partitions nobody answered are the error's cause")
    func causes() throws {
        var search = FanOut(known([["a", "b"], ["c"]], ["a": .ready]), k: 1)
        let first = parts(search.begin(left: 400))
        let behind = ImpRAGError(.failedPrecondition, "this shard is read_only")
        let second = parts(search.failed(first[0].number, behind, left: 300))
        #expect(second.map(\.node) == ["b"])
        _ = search.answered(second[0].number, with: Self.reply(reply([hit("x", 1)]), to: second[0]), left: 200)
        let outcome = try outcome(search.failed(first[1].number, late, left: 0))
        #expect(outcome.failureCodes == [.deadlineExceeded])
    }

    @Test("when a replica fails another one is asked, and the search is complete when each partition has answered once")
    func failover() throws {
        var search = FanOut(known([["a", "b"], ["b", "a"]]), k: 2)
        let first = parts(search.begin(left: 400))
        #expect(first.map(\.node) == ["a", "b"])
        let second = parts(search.failed(first[0].number, ImpRAGError(.unavailable, "lost"), left: 300))
        #expect(second.map(\.node) == ["b"] && second.map(\.partitions) == [[0]])
        #expect(second.map(\.milliseconds) == [300])
        // The first one's answer arrives after all, and twice: it does not count.
        #expect(
            search.answered(first[0].number, with: Self.reply(reply([hit("late", 9)]), to: first[0]), left: 200).isEmpty
        )
        #expect(
            search.answered(first[1].number, with: Self.reply(reply([hit("x", 1)]), to: first[1]), left: 200).isEmpty)
        let outcome = try outcome(
            search.answered(second[0].number, with: Self.reply(reply([hit("y", 2)]), to: second[0]), left: 100))
        #expect(outcome.passages.map(\.passage.id) == ["y", "x"])
        #expect(outcome.completeness.isComplete && outcome.completeness.passagesSearched == 20)
        #expect(outcome.completeness.shards.map(\.state) == [.failed, .answered])
        #expect(try outcome.checked(.fail) == outcome)
    }

    @Test("a partition without a replica that answers is missing, and the error names all that were asked")
    func noReplicaLeft() throws {
        var search = FanOut(
            known([["a", "b"]], ["b": .refused(message: "it runs another model")]), k: 2)
        let first = parts(search.begin(left: 400))
        let outcome = try outcome(search.failed(first[0].number, ImpRAGError(.unavailable, "lost"), left: 300))
        #expect(!outcome.completeness.isComplete && outcome.completeness.passagesTotal == 100)
        let error = #expect(throws: ImpRAGError.self) { try outcome.checked(.fail) }
        #expect(error?.message.contains("a: lost; b: it runs another model") == true, "\(error?.message ?? "")")
        var late = FanOut(known([["a", "b"]]), k: 2)
        let part = parts(late.begin(left: 400))[0]
        #expect(try self.outcome(late.failed(part.number, ImpRAGError(.unavailable, "lost"), left: 0)).passages.isEmpty)
    }

    @Test("a partition that nobody serves at the moment ends the search at once, and is named")
    func unserved() throws {
        var search = FanOut(known([["a"], []]), k: 1)
        let first = parts(search.begin(left: 400))
        #expect(first.map(\.partitions) == [[0]])
        let outcome = try outcome(
            search.answered(first[0].number, with: Self.reply(reply([hit("x", 1)]), to: first[0]), left: 300))
        #expect(outcome.passages.count == 1 && !outcome.completeness.isComplete)
        let error = #expect(throws: ImpRAGError.self) { try outcome.checked(.fail) }
        #expect(error?.code == .unavailable && error?.message.contains("partition 1: no shard serves it") == true)
        var none = FanOut(known([[], []]), k: 1)
        #expect(try self.outcome(none.begin(left: 400)).completeness.shards.count == 2)
    }

    @Test("a reply for other partitions than those that were asked for is a failure that names both")
    func otherPartitions() throws {
        var search = FanOut(known([["a"], ["a"]]), k: 1)
        let part = parts(search.begin(left: 400))[0]
        let ignoring = try outcome(search.answered(part.number, with: reply([hit("x", 1)]), left: 300))
        #expect(ignoring.passages.isEmpty && !ignoring.completeness.isComplete)
        #expect(ignoring.completeness.shards.first?.message.contains("0, 1 and searched none") == true)
    }
}
