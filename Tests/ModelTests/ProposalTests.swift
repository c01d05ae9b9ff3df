import Core
import TestSupport
import Testing

@testable import Model

/// Tokens that are proposed, and what a pass makes of them.
@Suite struct ProposalTests {
    // MARK: Index

    @Test("one token suffices where the same follows it everywhere")
    func unanimity() {
        var index = ProposalIndex(passages: [[0, 5, 6, 7, 8], [0, 3, 6, 7, 4], [9, 4]], prompt: [0, 2, 1])
        index.append(6)
        #expect(index.proposal(limit: 8).tokens == [7, 8])
        #expect(index.proposal(limit: 8).match == .one)
        // Nothing follows the end of a passage.
        for token: Int32 in [7, 4] { index.append(token) }
        #expect(index.proposal(limit: 8).tokens.isEmpty)
        index.append(40)
        index.append(7)
        #expect(index.proposal(limit: 8).tokens.isEmpty)
    }

    @Test("what follows the last three tokens is proposed, else what follows the last two, else nothing")
    func lookup() {
        var index = ProposalIndex(passages: [[0, 5, 6, 7, 8, 9], [0, 3, 6, 7, 4]], prompt: [0, 2, 1])
        #expect(index.proposal(limit: 8).tokens.isEmpty)
        for token: Int32 in [5, 6] { index.append(token) }
        #expect(index.proposal(limit: 2).tokens == [7, 8])
        #expect(index.proposal(limit: 2).match == .two)
        index.append(7)
        #expect(index.proposal(limit: 8).tokens == [8, 9])
        #expect(index.proposal(limit: 8).match == .three)
        #expect(index.proposal(limit: 1).tokens == [8])
        for token: Int32 in [50, 3, 6, 7] { index.append(token) }
        #expect(index.proposal(limit: 8).tokens == [4])
    }

    @Test("nothing is found across the end of a passage; the better passage wins, and what was said last before all")
    func order() {
        var index = ProposalIndex(passages: [[0, 5, 6, 7], [0, 5, 6, 8], [9]], prompt: [0, 6, 7])
        for token: Int32 in [5, 6] { index.append(token) }
        #expect(index.proposal(limit: 4).tokens == [7])
        index.append(8)
        for token: Int32 in [5, 6] { index.append(token) }
        #expect(index.proposal(limit: 4).tokens == [8, 5, 6])
        for token: Int32 in [6, 8] { index.append(token) }
        #expect(index.proposal(limit: 4).tokens == [5, 6, 6, 8])
    }

    // MARK: Cost

    @Test("a row is taken while it brings more tokens for its time than the pass does, and while one is free")
    func budget() {
        var cost = PassCost()
        for _ in 0..<500 { cost.measured(10, rows: 1) }
        for _ in 0..<500 { cost.measured(12, rows: 3) }
        #expect(abs(cost.firstRow - 10) < 0.1 && abs(cost.nextRow - 1) < 0.1)
        var budget = PassBudget(cost, rows: 1, spareRows: 3)
        let taken = [0.1, 0.9, 0.9, 0.9, 0.9, 0.9].map { budget.take(probability: $0) }
        #expect(taken == [false, true, true, true, false, false])
        var full = PassBudget(cost, rows: 16, spareRows: 0)
        let isTaken = full.take(probability: 1)
        #expect(!isTaken)
    }

    @Test("rows that cost as much as the first one are not taken, and a proposer that errs stops asking for them")
    func dearRows() {
        var cost = PassCost()
        for _ in 0..<500 { cost.measured(10, rows: 1) }
        for _ in 0..<500 { cost.measured(40, rows: 4) }
        var budget = PassBudget(cost, rows: 1, spareRows: 8)
        let isTaken = budget.take(probability: 1)
        #expect(!isTaken)

        var proposer = Proposer(passages: [[0, 5, 6, 7, 8]], prompt: [0], answer: [])
        for _ in 0..<20 {
            for token: Int32 in [5, 6, 9] { _ = proposer.said(token) }
        }
        for token: Int32 in [5, 6] { _ = proposer.said(token) }
        var free = PassBudget(PassCost(), rows: 1, spareRows: 8)
        let learnt = proposer.propose(limit: 8, from: &free)
        #expect(learnt.first == 9)
        for new: Int32 in 100..<140 {
            for token in [6, 7, new] { _ = proposer.said(token) }
        }
        _ = proposer.said(6)
        _ = proposer.said(7)
        free = PassBudget(PassCost(), rows: 1, spareRows: 8)
        let hopeless = proposer.propose(limit: 8, from: &free)
        #expect(hopeless.isEmpty)
    }

    @Test(
        "proposals that are wrong cost all answers together less than 3 % of the time, whatever a row costs",
        arguments: [0.05, 0.2, 0.5])
    func lossLimit(rowCost: Double) {
        var ledger = ProposalLedger()
        var (base, spent) = (0.0, 0.0)
        for _ in 0..<5000 {
            // No proposal is ever right, and as many are made as may be.
            let proposed = ledger.allowsProposals ? 4 : 0
            let time = 1 + rowCost * Double(proposed)
            ledger.measured(time, rows: 1 + proposed, proposed: proposed)
            (base, spent) = (base + 1, spent + time)
        }
        #expect(spent > base && spent < 1.03 * base)
        // Right ones, which saved far more, are no licence to err later: the passes after them lose little too.
        for _ in 0..<5000 {
            ledger.measured(1 + 4 * rowCost, rows: 5, proposed: 4)
            for _ in 0..<4 { ledger.accepted() }
        }
        (base, spent) = (0, 0)
        for _ in 0..<2000 {
            let proposed = ledger.allowsProposals ? 4 : 0
            let time = 1 + rowCost * Double(proposed)
            ledger.measured(time, rows: 1 + proposed, proposed: proposed)
            (base, spent) = (base + 1, spent + time)
        }
        #expect(spent > base && spent < 1.05 * base)
    }

    @Test("a model's answers begin with what those before have learnt")
    func learning() {
        var ledger = ProposalLedger()
        let before = ledger.hitRates[.three]
        for _ in 0..<200 { ledger.guessed(.three, isRight: false) }
        #expect(before == 0.5 && ledger.hitRates[.three] < 0.05 && ledger.hitRates[.two] == 0.2)
        for (hitRates, wanted) in [(HitRates(), [8]), (ledger.hitRates, [])] as [(HitRates, [Int32])] {
            var proposer = Proposer(
                passages: [[0, 5, 6, 7, 8]], prompt: [0], answer: [0, 5, 6], hitRates: hitRates)
            let guess = proposer.said(7)
            #expect(guess?.match == .three && guess?.isRight == true)
            var budget = PassBudget(PassCost(), rows: 1, spareRows: 8)
            let proposal = proposer.propose(limit: 8, from: &budget)
            #expect(proposal == wanted)
        }
    }

    // MARK: Passes

    private func model(
        _ compute: Compute, changing: (String, inout [Float]) -> Void = { _, _ in }
    ) throws -> LlamaModel {
        let directory = try TemporaryDirectory()
        try TinyModel(maxPassageTokens: 40, maxPositions: 512, dtype: compute == .f32 ? "F32" : "BF16")
            .write(to: directory, changing: changing)
        let quantized = try TemporaryDirectory()
        if compute == .int8 { try ModelQuantizer(directory: directory.path).write(to: quantized.path) { _ in } }
        let path = (compute == .int8 ? quantized : directory).path
        return try LlamaModel(directory: path, layers: .all, compute: compute, threadCount: 2)
    }

    private func session(_ model: LlamaModel, seed: UInt64) throws -> DecodingSession {
        var random = SeededGenerator(seed: seed)
        func tokens(_ count: Int) -> [Int32] {
            [0] + (1..<count).map { _ in Int32.random(in: 2..<61, using: &random) }
        }
        let state = try model.promptStates([(tokens(12 + 9 * Int(seed)), 2)])[0]
        let session = try model.begin(
            state, passages: model.readPassages([tokens(30), tokens(33)], encoding: .concatenated))
        while session.readAhead(tokenLimit: .max) {}
        return session
    }

    private func bits(_ session: DecodingSession) -> [UInt32] { session.logits.map(\.bitPattern) }

    @Test(
        "tokens verified in one pass give the same bits as one by one, whichever of them are wrong",
        arguments: [Compute.f32, .bf16, .int8])
    func verification(compute: Compute) throws {
        let model = try model(compute)
        let alone = try (0..<3).map { try session(model, seed: UInt64($0)) }
        let ahead = try (0..<3).map { try session(model, seed: UInt64($0)) }
        var random = SeededGenerator(seed: 7)
        for _ in 0..<12 {
            // What each will say, with wrong proposals from some place on.
            let said = alone.map { _ in (0..<9).map { _ in Int32.random(in: 2..<61, using: &random) } }
            let right = alone.map { _ in Int.random(in: 1...9, using: &random) }
            model.run(
                ahead.indices.map { index in
                    let wrong = said[index][right[index]...].map { ($0 + 1) % 61 }
                    return (ahead[index], said[index][..<right[index]] + wrong)
                })
            for index in alone.indices {
                for (place, token) in said[index].enumerated() {
                    if place > 0, !ahead[index].advance(token) { try ahead[index].append(token) }
                    if place > 0, place < right[index] { #expect(ahead[index].cacheBytes >= alone[index].cacheBytes) }
                    try alone[index].append(token)
                    try #require(bits(alone[index]) == bits(ahead[index]), "session \(index), place \(place)")
                    #expect(alone[index].tokenCount == ahead[index].tokenCount)
                }
            }
        }
    }

    /// A model in which the values of token 60 overflow in layer 0, and those of no other token.
    private func modelOverflowing(_ compute: Compute) throws -> LlamaModel {
        try model(compute) { name, numbers in
            let width = 32
            if name == "model.embed_tokens.weight" {
                for token in 0..<61 { numbers[token * width + 5] = token == 60 ? 50 : 0 }
            } else if name == "model.layers.0.self_attn.v_proj.weight" {
                numbers[5] = 3e38
            }
        }
    }

    @Test(
        "a wrong proposal whose numbers overflow is rejected, and leaves no trace",
        arguments: [Compute.f32, .bf16, .int8])
    func overflow(compute: Compute) throws {
        let model = try modelOverflowing(compute)
        let alone = try session(model, seed: 1)
        let ahead = try session(model, seed: 1)
        for token: Int32 in 2..<40 {
            model.run([(ahead, [token, token + 1, 60, 7])])
            #expect(ahead.advance(token + 1))
            #expect(!ahead.isAhead(of: 60) && !ahead.isAhead(of: 7))
            for token in [token, token + 1] { try alone.append(token) }
            try #require(bits(alone) == bits(ahead), "token \(token)")
            _ = try ahead.logProbability(of: 2)
        }
    }

    @Test("a right proposal whose numbers overflow fails as it does alone", arguments: [Compute.f32, .bf16])
    func rightOverflow(compute: Compute) throws {
        let model = try modelOverflowing(compute)
        let session = try session(model, seed: 1)
        model.run([(session, [3, 60])])
        _ = try session.logProbability(of: 2)
        #expect(!session.advance(60))
        try session.append(60)
        #expect(throws: ImpRAGError.self) { try session.logProbability(of: 2) }
    }
}
