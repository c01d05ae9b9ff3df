import Core
import Kernels
import TestSupport
import Testing

@testable import Model

@Suite struct StateCoderTests {
    /// A model, states of passages of many lengths with their attention measured, and codebooks trained on them.
    private struct Setting {
        let model: LlamaModel
        let passages: [EncodedPassage]
        let codebooks: StateCodebooks

        func coder(_ codec: StateCodec, keepsHalf: Bool = false) throws -> StateCoder {
            try StateCoder(model, codec: codec, keepsHalf: keepsHalf, codebooks: codec == .pq ? codebooks : nil)
        }
    }

    private static let lengths = [1, 2, 3, 31, 32, 33, 64, 95, 130]

    private func setting(_ compute: Compute, headSize: Int = 16) throws -> Setting {
        let model = try load(compute, headSize: headSize)
        let passages = try read(model, Self.lengths.map { passage($0) })
        return Setting(
            model: model, passages: passages, codebooks: try StateCodebooks.train(model, on: passages, seed: 7))
    }

    private func load(_ compute: Compute, headSize: Int = 16, bottom: Int = 1, top: Int = 2) throws -> LlamaModel {
        let directory = try TemporaryDirectory()
        try TinyModel(headSize: headSize, bottomBoundary: bottom, topBoundary: top, maxPassageTokens: 130)
            .write(to: directory)
        return try LlamaModel(directory: directory.path, layers: .all, compute: compute, threadCount: 2)
    }

    private func passage(_ count: Int) -> [Int32] {
        var random = SeededGenerator(seed: UInt64(count))
        return [0] + (1..<count).map { _ in Int32.random(in: 2..<61, using: &random) }
    }

    private func read(
        _ model: LlamaModel, _ passages: [[Int32]], tokenLimit: Int = .max
    ) throws -> [EncodedPassage] {
        let reading = try PassageReading(model, passages, encoding: .independent, measuresAttention: true)
        while reading.advance(tokenLimit: tokenLimit) {}
        return reading.encoded
    }

    private func numbers(_ passage: EncodedPassage) -> [[Float]] {
        passage.tokens.layout.layers.flatMap { layer in
            let states = passage.tokens.recall(layer: layer)
            return [states.keys, states.values]
        }
    }

    /// Root mean square of the difference, as a share of the numbers' own.
    private func error(_ passage: EncodedPassage, _ original: EncodedPassage) -> Double {
        let pairs = zip(numbers(passage).joined(), numbers(original).joined()).map { (Double($0), Double($1)) }
        let (difference, whole) = pairs.reduce((0, 0)) { ($0.0 + ($1.0 - $1.1) * ($1.0 - $1.1), $0.1 + $1.1 * $1.1) }
        return (difference / whole).squareRoot()
    }

    @Test(
        "a decoded state is the rounded one, bit for bit, within each codec's error", arguments: [Compute.f32, .bf16])
    func roundTrip(compute: Compute) throws {
        for headSize in [16, 20, 64] {
            let setting = try setting(compute, headSize: headSize)
            for (codec, bound) in [(StateCodec.bf16, 0.004), (.int8, 0.012), (.pq, 0.3)] {
                let coder = try setting.coder(codec)
                for passage in setting.passages {
                    let bytes = coder.encode(passage)
                    #expect(bytes.count == coder.byteCount(tokens: passage.tokenCount))
                    let decoded = try coder.decode(bytes)
                    #expect(decoded.tokenCount == passage.tokenCount && decoded.keptTokenCount == passage.tokenCount)
                    #expect(numbers(decoded) == numbers(coder.rounded(passage)))
                    let error = error(decoded, passage)
                    #expect(error < bound, "\(codec), head size \(headSize), \(passage.tokenCount) tokens")
                }
            }
        }
    }

    @Test("bf16 states of a bf16 model lose nothing")
    func exact() throws {
        let setting = try setting(.bf16)
        let coder = try setting.coder(.bf16)
        for passage in setting.passages {
            #expect(try numbers(coder.decode(coder.encode(passage))) == numbers(passage))
        }
    }

    @Test("states decoded on many threads at once, by coders of stored codebooks, have the same bits")
    func sameEverywhere() async throws {
        let setting = try setting(.bf16)
        let stored = try StateCodebooks(bytes: setting.codebooks.bytes, model: setting.model)
        #expect(stored.bytes == setting.codebooks.bytes)
        for codec in StateCodec.allCases {
            let coder = try setting.coder(codec)
            let other = try StateCoder(setting.model, codec: codec, codebooks: stored)
            let bytes = coder.encode(setting.passages[8])
            #expect(other.encode(setting.passages[8]) == bytes)
            let expected = numbers(try coder.decode(bytes))
            try await withThrowingTaskGroup(of: [[Float]].self) { group in
                for _ in 0..<8 { group.addTask { numbers(try other.decode(bytes)) } }
                for try await decoded in group { #expect(decoded == expected) }
            }
        }
    }

    @Test("an eighth, a half, or all of bf16's bytes, and half of each when half of the tokens is kept")
    func sizes() throws {
        let setting = try setting(.bf16, headSize: 64)
        let all = 2 * 2 * 2 * 2 * 64  // layers, keys and values, key heads, bytes, head size
        #expect(try setting.coder(.bf16).byteCount(tokens: 100) == 32 + 100 * all)
        #expect(try setting.coder(.pq).byteCount(tokens: 100) == 32 + 100 * all / 8)
        let int8 = try setting.coder(.int8).byteCount(tokens: 100)
        #expect(Double(int8) < 0.53 * Double(100 * all))
        #expect(try setting.coder(.pq, keepsHalf: true).byteCount(tokens: 101) == 32 + 51 * all / 8)
    }

    @Test("keeping half keeps the first token, the latest and those that receive most attention, whatever the batches")
    func pruning() throws {
        let model = try load(.bf16)
        let texts = Self.lengths.map { passage($0) }
        let (whole, parts) = (try read(model, texts), try read(model, texts, tokenLimit: 7))
        let coder = try StateCoder(model, codec: .bf16, keepsHalf: true)
        for (passage, other) in zip(whole, parts) {
            let kept = (passage.tokenCount + 1) / 2
            let pruned = coder.rounded(passage)
            #expect(pruned.tokenCount == passage.tokenCount && pruned.keptTokenCount == kept)
            #expect(numbers(coder.rounded(pruned)) == numbers(pruned))
            let layout = passage.tokens.layout
            for layer in layout.layers {
                let (all, found) = (passage.tokens.recall(layer: layer), pruned.tokens.recall(layer: layer))
                for head in 0..<layout.keyHeadCount {
                    let received = try #require(passage.received).weights(layer: layer, keyHead: head)
                    #expect(other.received?.weights(layer: layer, keyHead: head) == received)
                    let places = passage.placesToKeep(kept, layer: layer, keyHead: head)
                    #expect(places.first == 0 && places.count == kept && places == places.sorted())
                    let latest = passage.tokenCount - kept / 2..<passage.tokenCount
                    #expect(kept == passage.tokenCount || latest.allSatisfy(places.contains))
                    let heavy = places.filter { $0 > 0 && $0 < latest.lowerBound }
                    let lightest = heavy.map { received[$0] }.min() ?? .max
                    for place in received.indices where !places.contains(place) {
                        #expect(received[place] <= lightest)
                    }
                    for (index, place) in places.enumerated() {
                        let (from, to) = (place * layout.keyWidth, index * layout.keyWidth)
                        let columns = head * layout.headSize..<(head + 1) * layout.headSize
                        #expect(columns.allSatisfy { found.keys[to + $0] == all.keys[from + $0] })
                        #expect(columns.allSatisfy { found.values[to + $0] == all.values[from + $0] })
                    }
                }
            }
        }
    }

    @Test("what the tokens of a passage receive is all that they give", arguments: [(0, 0), (0, 3), (2, 2), (1, 2)])
    func received(bottom: Int, top: Int) throws {
        let model = try load(.f32, bottom: bottom, top: top)
        for passage in try read(model, [passage(1), passage(40)]) {
            let received = try #require(passage.received)
            for layer in bottom...top {
                for head in 0..<2 {
                    let sum = received.weights(layer: layer, keyHead: head).reduce(0, +)
                    let given = Double(passage.tokenCount * 2)  // query heads of a key head
                    #expect(abs(Double(sum) / 0x1p20 - given) < 1e-3 * given)
                }
            }
        }
    }

    @Test("measuring changes no bit of the states")
    func measuring() throws {
        let model = try load(.bf16)
        let measured = try read(model, [passage(33)])[0]
        let reading = try PassageReading(model, [passage(33)], encoding: .independent)
        while reading.advance(tokenLimit: .max) {}
        #expect(numbers(reading.encoded[0]) == numbers(measured))
    }

    @Test("answers over pruned states attend to fewer tokens, and say how much")
    func prunedAnswers() throws {
        let setting = try setting(.bf16)
        let texts = [passage(33), passage(64), passage(2)]
        let coder = try setting.coder(.int8, keepsHalf: true)
        let known = try read(setting.model, texts).map { coder.rounded($0) }
        let reading = try PassageReading(
            setting.model, texts, encoding: .independent, known: [0: known[0], 1: known[1], 2: known[2]])
        #expect(!reading.advance(tokenLimit: .max) && reading.remainingTokens == 0)
        #expect(reading.state.tokenCounts == [33, 64, 2])
        let prompt = try setting.model.promptStates([(passage(5), 1)])[0]
        #expect(throws: ImpRAGError.self) { try setting.model.continueFrom(prompt, passages: reading.state) }
        let model = try load(.bf16)
        let state = try model.promptStates([(passage(5), 1)])[0]
        let one = try PassageReading(model, [texts[0]], encoding: .independent, known: [0: known[0]])
        let session = try model.continueFrom(state, passages: one.state)
        #expect(session.passageAttention.count == 1)
        #expect(session.passageAttention[0] > 0 && session.passageAttention[0] < 1)
        #expect(session.logits.allSatisfy { $0.isFinite })
    }

    @Test("states of another passage's length are refused")
    func otherPassage() throws {
        let setting = try setting(.bf16)
        let error = #expect(throws: ImpRAGError.self) {
            try PassageReading(
                setting.model, [passage(5)], encoding: .independent, known: [0: setting.passages[3]])
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("damaged and foreign bytes are refused or decoded, and never trap", arguments: StateCodec.allCases)
    func hostile(codec: StateCodec) throws {
        let setting = try setting(.bf16)
        let coder = try setting.coder(codec)
        let bytes = coder.encode(setting.passages[3])
        func isRefused(_ bytes: [UInt8]) -> Bool {
            do throws(ImpRAGError) {
                _ = try coder.decode(bytes)
                return false
            } catch {
                return error.code == .dataLoss
            }
        }
        for count in [0, 1, 8, 31, 32, 33, bytes.count - 1] { #expect(isRefused(Array(bytes.prefix(count)))) }
        #expect(isRefused(bytes + [0]))
        for place in 0..<StateHeader.byteCount {
            var other = bytes
            other[place] ^= 0x41
            #expect(isRefused(other), "byte \(place)")
        }
        for other in StateCodec.allCases where other != codec {
            #expect(isRefused(try setting.coder(other).encode(setting.passages[3])))
        }
        #expect(isRefused(try setting.coder(codec, keepsHalf: true).encode(setting.passages[3])))
        var endless = bytes
        (endless[32], endless[33]) = (0x80, 0x7F)
        #expect(codec == .pq || isRefused(endless))
        var random = SeededGenerator(seed: 5)
        for _ in 0..<300 {
            var other = bytes
            for _ in 0..<4 {
                other[Int.random(in: 0..<other.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            if let decoded = try? coder.decode(other) {
                #expect(numbers(decoded).allSatisfy { $0.allSatisfy(\.isFinite) })
            }
        }
    }
}
