import Core
import Model
import TestSupport
import Testing

/// What comes from a request is checked before it is computed on.
@Suite struct RequestLimitTests {
    private let model: LlamaModel

    init() throws {
        let directory = try TemporaryDirectory()
        try TinyModel(maxPositions: 40).write(to: directory)
        model = try LlamaModel(directory: directory.path, layers: .all, threadCount: 2)
    }

    private func code(_ body: () throws -> Void) -> ErrorCode? {
        do {
            try body()
            return nil
        } catch {
            return (error as? ImpRAGError)?.code
        }
    }

    @Test("empty sequences and unknown ids are invalid")
    func tokens() {
        for sequence: [Int32] in [[], [61], [-1], [0, .max], [0, .min]] {
            #expect(code { _ = try model.embedPassages([[0], sequence]) } == .invalidArgument)
            #expect(code { _ = try model.embedQueries([sequence]) } == .invalidArgument)
            #expect(code { _ = try model.promptStates([(sequence, 0)]) } == .invalidArgument)
            #expect(code { _ = try model.readPassages([sequence], encoding: .segmented) } == .invalidArgument)
        }
        #expect(code { _ = try model.embedPassages([]) } == nil)
    }

    @Test("more tokens than positions are refused as too many")
    func positions() {
        let long = [Int32](repeating: 2, count: 41)
        #expect(code { _ = try model.embedQueries([long]) } == .resourceExhausted)
        #expect(code { _ = try model.promptStates([(Array(long.prefix(17)), 3)]) } == .resourceExhausted)
        #expect(code { _ = try model.promptStates([(Array(long.prefix(16)), 3)]) } == nil)
        #expect(code { _ = try model.promptStates([([0], 5)]) } == .resourceExhausted)
        #expect(code { _ = try model.promptStates([([0], .max)]) } == .resourceExhausted)
        #expect(code { _ = try model.promptStates([([0], -1)]) } == .invalidArgument)
        let passage = Array(long.prefix(8))
        #expect(code { _ = try model.readPassages([passage + [2]], encoding: .independent) } == .invalidArgument)
        let six = [[Int32]](repeating: passage, count: 6)
        #expect(code { _ = try model.readPassages(six, encoding: .concatenated) } == .resourceExhausted)
        #expect(code { _ = try model.readPassages(six, encoding: .independent) } == nil)
    }

    @Test("an answer ends where the positions end, and the session stays usable")
    func sessionEnd() throws {
        let state = try model.promptStates([([0, 2, 3], 4)])[0]
        let session = try model.continueFrom(state, passages: model.readPassages([[0, 4]], encoding: .concatenated))
        for _ in 0..<5 { try session.append(4) }
        let last = session.logits
        #expect(code { try session.append(4) } == .resourceExhausted)
        #expect(code { try session.append(61) } != nil)
        #expect(session.logits == last)
    }

    @Test("a prompt state whose sizes or numbers cannot be this model's is refused")
    func hostileStates() throws {
        let good = try model.promptStates([([0, 2, 3], 1)])[0]
        let none = try model.readPassages([], encoding: .concatenated)
        func state(
            tokens: [Int32]? = nil, requestedPassages: Int? = nil, hidden: [Float]? = nil, keys: CacheNumbers? = nil,
            values: CacheNumbers? = nil
        ) -> PromptState {
            PromptState(
                tokens: tokens ?? good.tokens, requestedPassages: requestedPassages ?? good.requestedPassages,
                hidden: hidden ?? good.hidden, keys: keys ?? good.keys, values: values ?? good.values,
                queryEmbedding: good.queryEmbedding)
        }
        #expect(code { _ = try model.continueFrom(state(), passages: none) } == nil)
        guard case (.f32(let keys), .f32(let values)) = (good.keys, good.values) else {
            Issue.record("a float32 model keeps float32 numbers")
            return
        }
        for bad in [
            state(tokens: []), state(tokens: [0, 2]), state(tokens: [0, 2, 99]), state(requestedPassages: -1),
            state(hidden: []), state(hidden: good.hidden + [0]), state(keys: .f32([])),
            state(values: .f32(values + [1])),
            state(hidden: good.hidden.map { _ in .nan }), state(keys: .f32(keys.map { _ in .infinity })),
            state(keys: .bf16(keys.map { BFloat16($0) })),
        ] {
            #expect(code { _ = try model.continueFrom(bad, passages: none) } == .invalidArgument)
        }
        #expect(
            code { _ = try model.continueFrom(state(requestedPassages: .max), passages: none) } == .resourceExhausted)
    }

    @Test("more passages than were asked for are refused, with or without any asked for")
    func tooManyPassages() throws {
        let two = try model.readPassages([[0, 2], [0, 3]], encoding: .independent)
        for k in [0, 1] {
            let state = try model.promptStates([([0, 2, 3], k)])[0]
            #expect(code { _ = try model.continueFrom(state, passages: two) } == .invalidArgument)
        }
    }

    @Test("passages of another model are refused")
    func foreignPassages() throws {
        let directory = try TemporaryDirectory()
        try TinyModel(topBoundary: 3).write(to: directory)
        let other = try LlamaModel(directory: directory.path, layers: .all)
        let state = try model.promptStates([([0, 2, 3], 1)])[0]
        let passages = try other.readPassages([[0, 2]], encoding: .independent)
        #expect(code { _ = try model.continueFrom(state, passages: passages) } == .invalidArgument)
    }

    @Test("the bottom alone embeds and makes states, and refuses the rest")
    func bottomOnly() throws {
        let directory = try TemporaryDirectory()
        try TinyModel(maxPositions: 40).write(to: directory)
        let bottom = try LlamaModel(directory: directory.path, layers: .bottom)
        #expect(bottom.weightBytes < model.weightBytes)
        let state = try bottom.promptStates([([0, 2, 3], 1)])[0]
        #expect(state.queryEmbedding.count == model.configuration.embeddingDimension)
        #expect(code { _ = try bottom.readPassages([[0]], encoding: .independent) } == .failedPrecondition)
        let none = try model.readPassages([], encoding: .concatenated)
        #expect(code { _ = try bottom.continueFrom(state, passages: none) } == .failedPrecondition)
    }
}
