import Core
import Kernels
import Model
import TestSupport
import Testing

/// The identities of DESIGN, section 2, on a seeded model, in every arithmetic.
@Suite struct IdentityTests {
    private static let arithmetics: [Compute] = [.f32, .bf16]

    private func load(
        _ tiny: TinyModel, _ compute: Compute = .f32, layers: LlamaModel.Layers = .all, threads: Int = 2
    ) throws -> LlamaModel {
        let directory = try TemporaryDirectory()
        try tiny.write(to: directory)
        return try LlamaModel(
            directory: directory.path, layers: layers, compute: compute, threadCount: threads)
    }

    private func tokens(_ count: Int, seed: UInt64) -> [Int32] {
        var random = SeededGenerator(seed: seed)
        return [0] + (1..<count).map { _ in Int32.random(in: 2..<61, using: &random) }
    }

    @Test("1: without retrieval, logits are the plain decoder's", arguments: [(0, 3), (1, 2), (3, 3), (0, 0)])
    func plainDecoder(bottom: Int, top: Int) throws {
        for ties in [false, true] {
            let tiny = TinyModel(bottomBoundary: bottom, topBoundary: top, tiesEmbeddings: ties)
            let model = try load(tiny)
            let text = tokens(14, seed: 3)
            let expected = ReferenceModel(tiny).plainLogits(text)
            for encoding in PassageEncoding.allCases {
                let session = try model.continueFrom(
                    model.promptStates([(Array(text[..<9]), 0)])[0],
                    passages: model.readPassages([], encoding: encoding))
                for step in 8..<text.count {
                    expectClose(session.logits, expected[step])
                    if step + 1 < text.count { try session.append(text[step + 1]) }
                }
                #expect(session.passageAttention.isEmpty)
            }
        }
    }

    @Test("2: one passage reads the same in every encoding, bit for bit", arguments: arithmetics)
    func onePassage(compute: Compute) throws {
        let model = try load(TinyModel(), compute)
        let state = try model.promptStates([(tokens(5, seed: 4), 2)])[0]
        let logits = try PassageEncoding.allCases.map { encoding in
            let passages = try model.readPassages([tokens(8, seed: 5)], encoding: encoding)
            let session = try model.continueFrom(state, passages: passages)
            try session.append(7)
            return session.logits
        }
        #expect(logits[0] == logits[1])
        #expect(logits[0] == logits[2])
    }

    @Test("3: passages that fill their room, read in all layers, are the plain decoder's text")
    func fullRange() throws {
        let tiny = TinyModel(bottomBoundary: 0, topBoundary: 3)
        let model = try load(tiny)
        let passages = [tokens(8, seed: 6), tokens(8, seed: 7), tokens(8, seed: 8)]
        let prompt = tokens(6, seed: 9)
        let answer: [Int32] = [5, 9, 30]
        let expected = ReferenceModel(tiny).plainLogits(passages.flatMap(\.self) + prompt + answer)
        let session = try model.continueFrom(
            model.promptStates([(prompt, 3)])[0], passages: model.readPassages(passages, encoding: .concatenated))
        for (step, token) in answer.enumerated() {
            expectClose(session.logits, expected[24 + prompt.count - 1 + step])
            try session.append(token)
        }
        expectClose(session.logits, expected[expected.count - 1])
        let mass = session.passageAttention.reduce(0, +)
        #expect(mass > 0 && mass < 1)
    }

    @Test(
        "4: a state handed over as arrays, to other threads and another process's model, changes no bit",
        arguments: arithmetics)
    func handingOver(compute: Compute) throws {
        let whole = try load(TinyModel(), compute)
        let bottom = try load(TinyModel(), compute, layers: .bottom, threads: 1)
        let prompt = tokens(11, seed: 10)
        let passages = [tokens(8, seed: 11), tokens(3, seed: 12)]
        let own = try whole.promptStates([(prompt, 3)])[0]
        let sent = try bottom.promptStates([(prompt, 3)])[0]
        let received = PromptState(
            tokens: sent.tokens, requestedPassages: sent.requestedPassages, hidden: sent.hidden, keys: sent.keys,
            values: sent.values, queryEmbedding: sent.queryEmbedding)
        #expect(own.queryEmbedding == sent.queryEmbedding)
        let generator = try load(TinyModel(), compute, threads: 3)
        let here = try whole.continueFrom(own, passages: whole.readPassages(passages, encoding: .segmented))
        let there = try generator.continueFrom(
            received, passages: generator.readPassages(passages, encoding: .segmented))
        for token: Int32 in [4, 8, 15] {
            #expect(here.logits == there.logits)
            try here.append(token)
            try there.append(token)
        }
        #expect(here.passageAttention == there.passageAttention)
    }

    @Test("5: whatever else is in the batch, states and embeddings have the same bits", arguments: arithmetics)
    func batches(compute: Compute) throws {
        let model = try load(TinyModel(bottomBoundary: 2, topBoundary: 3), compute)
        let prompts = [1, 2, 7, 8, 9, 33, 70].map { tokens($0, seed: UInt64($0)) }
        let states = try model.promptStates(prompts.map { ($0, 2) })
        let queries = try model.embedQueries(prompts)
        let passages = try model.embedPassages(prompts)
        let width = model.configuration.embeddingDimension
        for (index, prompt) in prompts.enumerated() {
            let alone = try model.promptStates([(prompt, 2)])[0]
            #expect(alone.hidden == states[index].hidden)
            #expect(alone.keys == states[index].keys)
            #expect(alone.values == states[index].values)
            #expect(alone.queryEmbedding == states[index].queryEmbedding)
            let range = index * width..<(index + 1) * width
            #expect(try model.embedQueries([prompt]) == Array(queries[range]))
            #expect(try model.embedPassages([prompt]) == Array(passages[range]))
        }
        let backwards = try model.embedPassages(prompts.reversed())
        for index in prompts.indices {
            let mirrored = (prompts.count - 1 - index) * width
            #expect(
                Array(backwards[mirrored..<mirrored + width]) == Array(passages[index * width..<(index + 1) * width]))
        }
    }

    @Test(
        "passages that are read have the embeddings of passages that are embedded, and states as without",
        arguments: arithmetics)
    func embeddingsOnTheWay(compute: Compute) throws {
        for (bottom, top) in [(0, 0), (0, 2), (1, 2), (2, 2), (3, 3)] {
            let model = try load(TinyModel(bottomBoundary: bottom, topBoundary: top), compute)
            let coder = try StateCoder(model, codec: .bf16)
            let passages = (0..<9).map { tokens(1 + $0 % 8, seed: UInt64(20 + $0)) }
            let plain = try PassageReading(model, passages, encoding: .independent)
            while plain.advance(tokenLimit: .max) {}
            #expect(plain.embeddings.isEmpty)
            for (limit, measures) in [(Int.max, false), (5, false), (1, true)] {
                let reading = try PassageReading(
                    model, passages, encoding: .independent, measuresAttention: measures, embeds: true)
                while reading.advance(tokenLimit: limit) {}
                #expect(try reading.embeddings == model.embedPassages(passages), "\(bottom), \(top), \(limit)")
                #expect(reading.encoded.map(coder.encode) == plain.encoded.map(coder.encode))
            }
        }
    }

    @Test("5: requests that run at the same time do not change each other's bits", arguments: arithmetics)
    func concurrency(compute: Compute) async throws {
        let model = try load(TinyModel(), compute)
        let prompts = (0..<6).map { tokens(5 + $0, seed: UInt64($0)) }
        let answer: @Sendable (Int) throws -> [Int32] = { index in
            let passages = try model.readPassages(
                [prompts[(index + 1) % 6]].map { Array($0.prefix(8)) }, encoding: .independent)
            let session = try model.continueFrom(model.promptStates([(prompts[index], 1)])[0], passages: passages)
            var tokens: [Int32] = []
            for _ in 0..<12 {
                tokens.append(greedy(session.logits))
                try session.append(tokens[tokens.count - 1])
            }
            return tokens
        }
        let alone = try (0..<6).map(answer)
        let together = try await withThrowingTaskGroup(of: (Int, [Int32]).self) { group in
            for index in 0..<6 { group.addTask { (index, try answer(index)) } }
            var results = [[Int32]](repeating: [], count: 6)
            for try await (index, tokens) in group { results[index] = tokens }
            return results
        }
        #expect(alone == together)
    }

    @Test(
        "every encoding and every pair of boundaries agrees with the definition in double precision",
        arguments: [(0, 0), (0, 3), (1, 2), (2, 2), (3, 3), (2, 3)])
    func definition(bottom: Int, top: Int) throws {
        let tiny = TinyModel(bottomBoundary: bottom, topBoundary: top)
        let model = try load(tiny)
        let reference = ReferenceModel(tiny)
        let passages = [tokens(8, seed: 30), tokens(1, seed: 31), tokens(5, seed: 32)]
        let prompt = tokens(6, seed: 33)
        let answer: [Int32] = [11, 12]
        for encoding in PassageEncoding.allCases {
            let session = try model.continueFrom(
                model.promptStates([(prompt, 4)])[0], passages: model.readPassages(passages, encoding: encoding))
            let expected = reference.answer(
                prompt + answer, k: 4, passages: passages, encoding: encoding, promptCount: prompt.count)
            for (step, token) in answer.enumerated() {
                expectClose(session.logits, expected.logits[prompt.count - 1 + step])
                try session.append(token)
            }
            expectClose(session.logits, expected.logits[prompt.count + 1])
            expectClose(session.passageAttention, expected.mass)
        }
        expectClose(try model.embedPassages([prompt]), reference.embed(prompt, isQuery: false))
        expectClose(try model.embedQueries([prompt]), reference.embed(prompt, isQuery: true))
    }

    @Test("passages read apart do not depend on their neighbours; together they do")
    func encodingsDiffer() throws {
        let model = try load(TinyModel())
        let (first, second) = (tokens(6, seed: 20), tokens(7, seed: 21))
        let state = try model.promptStates([(tokens(5, seed: 22), 2)])[0]
        var logits: [PassageEncoding: [Float]] = [:]
        for encoding in PassageEncoding.allCases {
            let passages = try model.readPassages([first, second], encoding: encoding)
            logits[encoding] = try model.continueFrom(state, passages: passages).logits
        }
        #expect(logits[.concatenated] != logits[.segmented])
        #expect(logits[.segmented] != logits[.independent])
    }

    private func expectClose(_ computed: [Float], _ expected: [Double]) {
        guard computed.count == expected.count else {
            Issue.record("\(computed.count) numbers instead of \(expected.count)")
            return
        }
        let worst = zip(computed, expected).map { abs(Double($0) - $1) }.max() ?? 0
        #expect(worst < 2e-4)
    }
}
