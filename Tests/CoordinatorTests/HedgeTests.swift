import Cluster
import Core
import TestSupport
import Testing
import Wire

@testable import Coordinator

/// A search that asks several replicas of one partition at once.
struct HedgeTests {
    private func known(
        _ owners: [[String]], _ states: [String: Membership.State]? = nil
    ) -> FanOut.Knowledge {
        let names = Set(owners.joined()).sorted()
        let nodes = names.compactMap { name in
            (try? Endpoint("ipc:///\(name)")).map { Topology.Node(name: name, kind: .shard, endpoint: $0) }
        }
        return FanOut.Knowledge(
            topology: Topology(version: 1, nodes: nodes, owners: owners),
            states: states ?? Dictionary(uniqueKeysWithValues: names.map { ($0, .ready) }),
            passages: Dictionary(uniqueKeysWithValues: owners.indices.map { ($0, 100) }))
    }

    /// A part's reply: one hit for each partition, named after the node and the partition.
    private func reply(to part: FanOut.Part) -> ShardSearchReply {
        let hits = part.partitions.map { partition in
            ScoredPassage(
                passage: Passage(id: "\(part.node)\(partition)", title: "", text: ""), score: Float(-partition), rank: 0
            )
        }
        return ShardSearchReply(
            queries: [QueryHits(passages: hits)], passagesSearched: 100 * part.partitions.count,
            partitions: part.partitions.map { PartitionFigures(partition: $0, passages: 100, epoch: 0) })
    }

    private func parts(_ actions: [FanOut.Action]) -> [FanOut.Part] {
        actions.compactMap { if case .ask(let part) = $0 { part } else { nil } }
    }

    /// An action, in short.
    private func words(_ actions: [FanOut.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .ask(let part): "\(part.reason) \(part.node) \(part.partitions)"
            case .drop(let part, let byHedge): "drop \(part.node)\(byHedge ? ", overtaken" : "")"
            case .finish(let outcome):
                "\(outcome.passages.map(\.passage.id).joined(separator: " ")) of \(outcome.completeness.passagesTotal)"
            }
        }
    }

    private let gone = ImpRAGError(.unavailable, "the connection was lost")

    @Test("an outcome says how long each shard took, why it was asked and what it searched")
    func figures() throws {
        var search = FanOut(known([["a", "b"], ["a", "b"], ["c"]]), k: 4)
        let first = parts(search.begin(left: 400))
        let hedges = parts(search.overdue(budget: 1, left: 390))
        let hedge = try #require(hedges.first { $0.node == "b" })
        var answer = reply(to: hedge)
        answer.searchTime = .milliseconds(4)
        answer.partitions[1].searchTime = .milliseconds(3)
        _ = search.answered(hedge.number, with: answer, left: 380, after: .milliseconds(12))
        let other = try #require(first.first { $0.node == "c" })
        let actions = search.failed(other.number, gone, left: 300, after: .milliseconds(90))
        guard case .finish(let outcome)? = actions.last else {
            Issue.record("not finished: \(actions)")
            return
        }
        #expect(
            outcome.completeness.shards == [
                ShardOutcome(
                    name: "b", state: .answered, passagesSearched: 200, duration: .milliseconds(12),
                    searchTime: .milliseconds(4), turn: .hedge, partitions: answer.partitions),
                ShardOutcome(
                    name: "c", state: .failed, message: gone.message, passagesSearched: 0,
                    duration: .milliseconds(90)),
            ])
    }

    @Test("the first answer of two replicas counts, and the other one is dropped")
    func firstAnswerCounts() {
        for hedgeWins in [true, false] {
            var search = FanOut(known([["a", "b"], ["a", "b"]]), k: 4)
            let first = parts(search.begin(left: 400))
            let hedge = search.overdue(budget: 1, left: 390)
            #expect(words(hedge) == ["hedge b [0, 1]"])
            let (winner, loser) = hedgeWins ? (parts(hedge)[0], first[0]) : (first[0], parts(hedge)[0])
            let end = search.answered(winner.number, with: reply(to: winner), left: 380)
            #expect(
                words(end) == [
                    "drop \(loser.node)\(hedgeWins ? ", overtaken" : "")", "\(winner.node)0 \(winner.node)1 of 200",
                ])
            #expect(search.answered(loser.number, with: reply(to: loser), left: 380).isEmpty)
            #expect(search.failed(loser.number, gone, left: 380).isEmpty)
        }
    }

    @Test("nothing is hedged beyond the budget, twice, or where a partition has no other ready replica")
    func limits() {
        var search = FanOut(
            known([["a", "b"], ["c"], ["d", "e"]], ["a": .ready, "b": .ready, "c": .ready, "d": .ready]), k: 4)
        #expect(words(search.begin(left: 400)) == ["first a [0]", "first c [1]", "first d [2]"])
        #expect(search.overdue(budget: 0, left: 300).isEmpty)
        #expect(words(search.overdue(budget: 5, left: 300)) == ["hedge b [0]"])
        #expect(search.overdue(budget: 5, left: 300).isEmpty)
        // A part whose partitions have different other replicas costs two, or is not hedged.
        var split = FanOut(known([["a", "b"], ["a", "c"]]), k: 4)
        _ = split.begin(left: 400)
        #expect(split.overdue(budget: 1, left: 300).isEmpty)
        #expect(words(split.overdue(budget: 2, left: 300)) == ["hedge b [0]", "hedge c [1]"])
    }

    @Test("of a part that is hedged in halves either the whole counts or all halves, never a partition twice")
    func halves() {
        var search = FanOut(known([["a", "b"], ["a", "c"]]), k: 4)
        let first = parts(search.begin(left: 400))[0]
        let hedges = parts(search.overdue(budget: 2, left: 300))
        #expect(search.answered(hedges[0].number, with: reply(to: hedges[0]), left: 300).isEmpty)
        var other = search
        #expect(
            words(search.answered(first.number, with: reply(to: first), left: 300)) == ["drop c", "a0 a1 of 200"])
        #expect(
            words(other.answered(hedges[1].number, with: reply(to: hedges[1]), left: 300)) == [
                "drop a, overtaken", "b0 c1 of 200",
            ])
    }

    @Test("a replica that fails while another one is at it is not replaced; when both have failed, a third is asked")
    func failures() {
        var search = FanOut(known([["a", "b", "c"]]), k: 4)
        let first = parts(search.begin(left: 400))[0]
        let hedge = parts(search.overdue(budget: 1, left: 300))[0]
        #expect(search.failed(first.number, gone, left: 300).isEmpty)
        let third = search.failed(hedge.number, gone, left: 200)
        #expect(words(third) == ["retry c [0]"])
        let last = parts(third)[0]
        #expect(last.milliseconds == 200)
        #expect(words(search.answered(last.number, with: reply(to: last), left: 100)) == ["c0 of 100"])
    }

    @Test("a part that was answered by half is asked again for the other half alone")
    func failedAfterHalf() {
        var search = FanOut(known([["a", "b"], ["a", "c", "d"]]), k: 4)
        let first = parts(search.begin(left: 400))[0]
        let hedges = parts(search.overdue(budget: 2, left: 300))
        #expect(search.answered(hedges[0].number, with: reply(to: hedges[0]), left: 300).isEmpty)
        #expect(search.failed(first.number, gone, left: 300).isEmpty)
        let again = search.failed(hedges[1].number, gone, left: 300)
        #expect(words(again) == ["retry d [1]"])
        let last = parts(again)[0]
        #expect(words(search.answered(last.number, with: reply(to: last), left: 100)) == ["b0 d1 of 200"])
    }

    @Test(
        "what a silent shard has not answered is asked of others at once, whatever the budget; its own answer may still count"
    )
    func lost() {
        for comesBack in [true, false] {
            var search = FanOut(known([["a", "b"], ["c", "b"]]), k: 4)
            let first = parts(search.begin(left: 400))
            #expect(first.map(\.node) == ["a", "c"])
            let retry = search.lost("a", left: 300)
            #expect(words(retry) == ["retry b [0]"])
            #expect(search.lost("a", left: 300).isEmpty && search.lost("nobody", left: 300).isEmpty)
            let winner = comesBack ? first[0] : parts(retry)[0]
            #expect(
                words(search.answered(winner.number, with: reply(to: winner), left: 300)) == [
                    "drop \(comesBack ? "b" : "a")"
                ])
            #expect(
                words(search.answered(first[1].number, with: reply(to: first[1]), left: 300)) == [
                    "\(winner.node)0 c1 of 200"
                ])
        }
    }

    @Test("a partition whose last replica is silent is waited for until that fails")
    func lastReplica() {
        var search = FanOut(known([["a", "b"]]), k: 4)
        let first = parts(search.begin(left: 400))[0]
        let second = parts(search.lost("a", left: 300))[0]
        #expect(search.lost("b", left: 300).isEmpty)
        #expect(search.failed(second.number, gone, left: 300).isEmpty)
        #expect(words(search.answered(first.number, with: reply(to: first), left: 10)) == ["a0 of 100"])
    }

    @Test("whatever happens in whatever order, each partition counts once, and the search ends", arguments: 1...40)
    func anyOrder(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let names = ["a", "b", "c", "d"]
        let owners = (0..<4).map { _ in
            Array(names.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random)))
        }
        var search = FanOut(known(owners), k: 10)
        var open = parts(search.begin(left: 400))
        var ends: [FanOut.Outcome] = []
        var steps = 0
        while ends.isEmpty {
            steps += 1
            #expect(steps < 200, "seed \(seed)")
            guard steps < 200, let part = open.randomElement(using: &random) else { break }
            let actions: [FanOut.Action]
            switch Int.random(in: 0..<5, using: &random) {
            case 0: actions = search.overdue(budget: 4, left: 300)
            case 1: actions = search.lost(part.node, left: 300)
            case 2:
                open.removeAll { $0 == part }
                actions = search.failed(part.number, gone, left: 300)
            default:
                open.removeAll { $0 == part }
                actions = search.answered(part.number, with: reply(to: part), left: 300)
            }
            for action in actions {
                switch action {
                case .ask(let part): open.append(part)
                case .drop(let part, _): open.removeAll { $0 == part }
                case .finish(let outcome): ends.append(outcome)
                }
            }
        }
        let outcome = try #require(ends.first, "seed \(seed)")
        let partitions = outcome.passages.map { $0.passage.id.suffix(1) }
        #expect(Set(partitions).count == partitions.count && open.isEmpty, "seed \(seed)")
        #expect(outcome.completeness.passagesSearched == 100 * partitions.count, "seed \(seed)")
        #expect(outcome.completeness.isComplete == (partitions.count == 4), "seed \(seed)")
    }
}
