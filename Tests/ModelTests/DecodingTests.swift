import Core
import Model
import TestSupport
import Testing

/// Identity 5 of DESIGN, section 2, while answers are made: however work is cut and whatever runs beside it, bits stay.
@Suite struct DecodingTests {
    private static let arithmetics: [Compute] = [.f32, .bf16]

    private func load(_ compute: Compute, maxPositions: Int = 512, bottomBoundary: Int = 1) throws -> LlamaModel {
        let directory = try TemporaryDirectory()
        try TinyModel(
            bottomBoundary: bottomBoundary, topBoundary: 2, maxPassageTokens: 40, maxPositions: maxPositions
        ).write(to: directory)
        return try LlamaModel(directory: directory.path, layers: .all, compute: compute, threadCount: 2)
    }

    private func tokens(_ count: Int, seed: UInt64) -> [Int32] {
        var random = SeededGenerator(seed: seed)
        return [0] + (1..<count).map { _ in Int32.random(in: 2..<61, using: &random) }
    }

    /// Requests whose prompts, passages and encodings all differ.
    private func requests(_ model: LlamaModel) throws -> [(state: PromptState, passages: PassageState)] {
        let shapes: [(prompt: Int, passages: [Int], encoding: PassageEncoding)] = [
            (5, [], .concatenated), (1, [8], .independent), (33, [1, 40, 31], .concatenated), (70, [33], .segmented),
            (32, [32, 32], .independent), (12, [3, 4, 5], .segmented),
        ]
        return try shapes.enumerated().map { index, shape in
            let seed = UInt64(100 * index)
            let state = try model.promptStates([(tokens(shape.prompt, seed: seed), 3)])[0]
            let passages = shape.passages.map { tokens($0, seed: seed + UInt64($0)) }
            return try (state, model.readPassages(passages, encoding: shape.encoding))
        }
    }

    private func sessions(_ model: LlamaModel) throws -> [DecodingSession] {
        try requests(model).map { try model.begin($0.state, passages: $0.passages) }
    }

    private func read(_ session: DecodingSession, _ limit: Int = .max) {
        while session.readAhead(tokenLimit: limit) {}
    }

    @Test("tokens of many sessions in one pass give the same bits as alone", arguments: arithmetics)
    func together(compute: Compute) throws {
        let model = try load(compute)
        let (alone, together) = (try sessions(model), try sessions(model))
        for session in alone + together { read(session) }
        var random = SeededGenerator(seed: 1)
        for step in 0..<40 {
            // Sessions come and go, in any order; now and then all of them.
            let chosen = alone.indices.shuffled(using: &random)
                .prefix(step % 8 == 0 ? alone.count : Int.random(in: 1...alone.count, using: &random))
            try model.append(chosen.map { (together[$0], greedy(together[$0].logits)) })
            for index in chosen { try alone[index].append(greedy(alone[index].logits)) }
            for index in alone.indices {
                try #require(alone[index].logits == together[index].logits, "session \(index), step \(step)")
            }
        }
        #expect(alone.map(\.passageAttention) == together.map(\.passageAttention))
    }

    @Test("a session that has not read its prompt reads it when its first token comes")
    func unread() throws {
        let model = try load(.f32)
        let ready = try sessions(model)
        for session in ready { read(session) }
        // Their passages come later than their prompts.
        let requests = try requests(model)
        let fresh = try requests.map { try model.begin($0.state) }
        #expect(fresh.allSatisfy { $0.logits.isEmpty && $0.cacheBytes == 0 && $0.pendingTokens == $0.tokenCount })
        for (session, request) in zip(fresh, requests) { try session.take(request.passages) }
        try model.append(zip(ready, 0...).map { ($0, Int32(3 + $1)) })
        try model.append(zip(fresh, 0...).map { ($0, Int32(3 + $1)) })
        #expect(ready.map(\.logits) == fresh.map(\.logits))
    }

    @Test("a prompt read in parts is the prompt read at once", arguments: arithmetics, [1, 7, 32])
    func promptInParts(compute: Compute, limit: Int) throws {
        for bottomBoundary in [0, 2] {
            let model = try load(compute, bottomBoundary: bottomBoundary)
            let (whole, parts) = (try sessions(model), try sessions(model))
            for (whole, parts) in zip(whole, parts) {
                read(whole)
                var left = parts.pendingTokens
                while parts.readAhead(tokenLimit: limit) {
                    #expect(parts.pendingTokens < left && left - parts.pendingTokens <= limit)
                    left = parts.pendingTokens
                }
                #expect(left == 0)
                #expect(whole.logits == parts.logits && whole.passageAttention == parts.passageAttention)
                for token: Int32 in [9, 5] {
                    try whole.append(token)
                    try parts.append(token)
                    #expect(whole.logits == parts.logits)
                }
            }
        }
    }

    @Test("a session may lose its caches at any moment and take them up again in any parts", arguments: arithmetics)
    func suspension(compute: Compute) throws {
        let model = try load(compute)
        var random = SeededGenerator(seed: 2)
        for request in try requests(model) {
            let steady = try model.continueFrom(request.state, passages: request.passages)
            let moved = try model.begin(request.state, passages: request.passages)
            for step in 0..<30 {
                while Int.random(in: 0..<3, using: &random) == 0 {
                    moved.suspend()
                    #expect(moved.cacheBytes == 0 && moved.pendingTokens == moved.tokenCount)
                    if Bool.random(using: &random) {
                        moved.leavePassages()
                        try moved.take(request.passages)
                    }
                    // Sometimes interrupted before the end.
                    for _ in 0..<Int.random(in: 0..<6, using: &random) {
                        moved.readAhead(tokenLimit: Int.random(in: 1...40, using: &random))
                    }
                }
                while moved.readAhead(tokenLimit: Int.random(in: 1...40, using: &random)) {}
                try #require(steady.logits == moved.logits, "step \(step)")
                let token = greedy(steady.logits)
                try steady.append(token)
                try model.append([(moved, token)])
            }
            #expect(steady.logits == moved.logits && steady.passageAttention == moved.passageAttention)
            #expect(steady.tokenCount == moved.tokenCount && steady.cacheBytes == moved.cacheBytes)
        }
    }

    @Test("one token that cannot go in leaves all sessions as they were")
    func refusal() throws {
        let model = try load(.f32)
        let sessions = try sessions(model)
        for session in sessions { read(session) }
        let before = sessions.map { ($0.logits, $0.tokenCount) }
        #expect(throws: ImpRAGError.self) {
            try model.append(sessions.enumerated().map { ($1, $0 == 3 ? 61 : 5) })
        }
        #expect(throws: ImpRAGError.self) { try model.append([(sessions[0], 5), (sessions[1], 5), (sessions[0], 6)]) }
        for (session, (logits, count)) in zip(sessions, before) {
            #expect(session.logits == logits && session.tokenCount == count)
        }
        try model.append([])
    }

    @Test("passages read in parts are the passages read at once, in every encoding", arguments: arithmetics)
    func passagesInParts(compute: Compute) throws {
        let model = try load(compute)
        let passages = [1, 40, 31, 7, 33].map { tokens($0, seed: UInt64($0)) }
        let state = try model.promptStates([(tokens(9, seed: 3), 5)])[0]
        for encoding in PassageEncoding.allCases {
            let whole = try model.continueFrom(state, passages: model.readPassages(passages, encoding: encoding))
            for limit in [1, 7, 50, 1000] {
                let reading = try PassageReading(model, passages, encoding: encoding)
                var left = reading.remainingTokens
                #expect(left == 112)
                while reading.advance(tokenLimit: limit) {
                    #expect(reading.remainingTokens < left && left - reading.remainingTokens <= limit)
                    left = reading.remainingTokens
                }
                #expect(left == 0)
                let session = try model.continueFrom(state, passages: reading.state)
                #expect(session.logits == whole.logits && session.passageAttention == whole.passageAttention)
            }
        }
    }

    @Test("states of passages that are known need no reading and change no bit", arguments: arithmetics)
    func knownPassages(compute: Compute) throws {
        let model = try load(compute)
        let passages = [1, 40, 31, 7, 33].map { tokens($0, seed: UInt64($0)) }
        let state = try model.promptStates([(tokens(9, seed: 4), 5)])[0]
        let first = try PassageReading(model, passages, encoding: .independent)
        while first.advance(tokenLimit: .max) {}
        let encoded = first.encoded
        #expect(encoded.map(\.tokenCount) == passages.map(\.count))
        for order in [[0, 1, 2, 3, 4], [4, 2, 0], [1]] {
            let chosen = order.map { passages[$0] }
            let whole = try model.continueFrom(state, passages: model.readPassages(chosen, encoding: .independent))
            for known in [Array(order.indices), [0], [order.count - 1], []] {
                let states = Dictionary(uniqueKeysWithValues: known.map { ($0, encoded[order[$0]]) })
                let reading = try PassageReading(model, chosen, encoding: .independent, known: states)
                let unknown = order.indices.filter { !known.contains($0) }.map { chosen[$0].count }.reduce(0, +)
                #expect(reading.remainingTokens == unknown)
                while reading.advance(tokenLimit: 13) {}
                let session = try model.continueFrom(state, passages: reading.state)
                #expect(session.logits == whole.logits && session.passageAttention == whole.passageAttention)
            }
        }
    }

    @Test("tokens of an answer are as good as tokens of the prompt, bit for bit", arguments: arithmetics)
    func promptOrAnswer(compute: Compute) throws {
        for bottomBoundary in [0, 1, 2] {
            let model = try load(compute, bottomBoundary: bottomBoundary)
            let text = tokens(50, seed: 5)
            let passages = try model.readPassages([tokens(33, seed: 6)], encoding: .concatenated)
            let whole = try model.continueFrom(model.promptStates([(text, 1)])[0], passages: passages)
            for count in [1, 31, 32, 49] {
                let state = try model.promptStates([(Array(text[..<count]), 1)])[0]
                let session = try model.continueFrom(state, passages: passages)
                for token in text[count...] { try session.append(token) }
                #expect(session.logits == whole.logits, "\(count) tokens first")
            }
        }
    }

    @Test("a prompt that fills the model's positions, in several batches, begins as its beginnings do")
    func fullContext() throws {
        let model = try load(.bf16, maxPositions: 1200, bottomBoundary: 2)
        let text = tokens(1200, seed: 7)
        let prompts = [text, Array(text[..<513]), [0], Array(text[..<512]), Array(text[..<40])]
        let states = try model.promptStates(prompts.map { ($0, 0) })
        for (prompt, state) in zip(prompts, states) {
            let alone = try model.promptStates([(prompt, 0)])[0]
            #expect(alone.hidden == state.hidden && alone.queryEmbedding == state.queryEmbedding)
            #expect(alone.keys == state.keys && alone.values == state.values)
            #expect(state.hidden.elementsEqual(states[0].hidden.prefix(state.hidden.count)))
        }
        let none = try model.readPassages([], encoding: .concatenated)
        let session = try model.continueFrom(states[0], passages: none)
        let shorter = try model.continueFrom(states[1], passages: none)
        for token in text[513..<560] { try shorter.append(token) }
        let between = try model.promptStates([(Array(text[..<560]), 0)])[0]
        #expect(try shorter.logits == model.continueFrom(between, passages: none).logits)
        #expect(session.logits.allSatisfy { $0.isFinite })
        #expect(throws: ImpRAGError.self) { try session.append(5) }
    }
}
