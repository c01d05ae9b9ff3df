import Core
import Kernels
import TestSupport
import Testing

@Suite struct KeyValueTokensTests {
    @Test("what is kept is recalled: float32 as it was, bf16 rounded", arguments: [ProductNumber.f32, .bf16])
    func roundTrip(number: ProductNumber) {
        var random = SeededGenerator(seed: 1)
        for (heads, size) in [(1, 16), (2, 18), (3, 64), (2, 80), (1, 130)] {
            let layout = KeyValueLayout(layers: 2..<4, keyHeadCount: heads, headSize: size, number: number)
            let width = heads * size
            let tokens = KeyValueTokens(layout)
            var kept = [[Float]](repeating: [], count: 4)
            for count in [1, 30, 1, 2, 70] {
                tokens.reserve(tokens.count + count)
                for layer in 0..<2 {
                    let (keys, values) = (0..<2 * count * width).reduce(into: ([Float](), [Float]())) {
                        let value = Float.random(in: -100...100, using: &random)
                        if $1 % 2 == 0 { $0.0.append(value) } else { $0.1.append(value) }
                    }
                    tokens.keep(keys: .f32(keys), values: .f32(values), tokens: count, layer: 2 + layer)
                    kept[2 * layer] += keys
                    kept[2 * layer + 1] += values
                }
                tokens.advance(by: count)
            }
            for layer in 0..<2 {
                let (keys, values) = tokens.recall(layer: 2 + layer)
                func stored(_ values: [Float]) -> [Float] {
                    number == .f32 ? values : values.map { BFloat16($0).float }
                }
                #expect(keys == stored(kept[2 * layer]) && values == stored(kept[2 * layer + 1]))
            }
            #expect(tokens.count == 104 && tokens.byteCount == layout.byteCount(tokens: 104))
        }
    }

    @Test("numbers go from cache to cache as they are, and are converted where the caches differ")
    func copies() {
        var random = SeededGenerator(seed: 2)
        for (from, to) in [(ProductNumber.f32, ProductNumber.f32), (.f32, .bf16), (.bf16, .bf16), (.bf16, .f32)] {
            for (heads, size, count) in [(1, 16, 1), (2, 18, 33), (3, 65, 7), (1, 130, 64)] {
                func tokens(_ number: ProductNumber) -> KeyValueTokens {
                    let tokens = KeyValueTokens(
                        KeyValueLayout(layers: 1..<4, keyHeadCount: heads, headSize: size, number: number))
                    tokens.reserve(count)
                    return tokens
                }
                let (source, copy) = (tokens(from), tokens(to))
                for layer in 1..<4 {
                    func numbers() -> CacheNumbers {
                        .f32((0..<count * heads * size).map { _ in Float.random(in: -9...9, using: &random) })
                    }
                    source.keep(keys: numbers(), values: numbers(), tokens: count, layer: layer)
                }
                source.advance(by: count)
                let (keys, values) = source.numbers(of: 2..<4)
                #expect(keys.count == 2 * count * heads * size && keys.byteCount == keys.count * from.size)
                // All layers but the first, token by token, as a prompt comes in parts.
                for token in 0..<count {
                    for layer in 2..<4 {
                        let first = ((layer - 2) * count + token) * heads * size
                        copy.keep(keys: keys, values: values, from: first, tokens: 1, layer: layer)
                    }
                    copy.advance(by: 1)
                }
                for layer in 2..<4 {
                    func stored(_ numbers: [Float]) -> [Float] {
                        to == .f32 ? numbers : numbers.map { BFloat16($0).float }
                    }
                    let (kept, copied) = (source.recall(layer: layer), copy.recall(layer: layer))
                    #expect(copied.keys == stored(kept.keys) && copied.values == stored(kept.values))
                }
                if from == to { #expect(copy.numbers(of: 2..<4) == (keys, values)) }
            }
        }
    }

    @Test("memory comes in pages of 32 tokens, when it is asked for")
    func pages() {
        let layout = KeyValueLayout(layers: 0..<3, keyHeadCount: 2, headSize: 16, number: .bf16)
        #expect(layout.blockBytes == 3 * 32 * 2 * 2 * 16 * 2)
        let tokens = KeyValueTokens(layout)
        #expect(tokens.byteCount == 0)
        for (count, pages) in [(0, 0), (1, 1), (32, 1), (33, 2), (5, 2), (1000, 32)] {
            tokens.reserve(count)
            #expect(tokens.byteCount == pages * layout.blockBytes)
        }
        #expect(tokens.count == 0 && tokens.recall(layer: 2).keys.isEmpty)
    }

    @Test("no layers take no memory")
    func noLayers() {
        let tokens = KeyValueTokens(KeyValueLayout(layers: 0..<0, keyHeadCount: 2, headSize: 16, number: .f32))
        tokens.reserve(40)
        tokens.advance(by: 40)
        #expect(tokens.byteCount == 0 && tokens.count == 40)
    }

    @Test("passages of a context are counted through its parts, each part from a page on")
    func spans() {
        let layout = KeyValueLayout(layers: 0..<1, keyHeadCount: 1, headSize: 16, number: .f32)
        let parts = [33, 5, 32].map { count in
            let tokens = KeyValueTokens(layout)
            tokens.reserve(count)
            tokens.advance(by: count)
            return tokens
        }
        let context = AttentionContext(parts, spanCounts: [[30, 3], [5], [32]])
        #expect(context.spans == [0..<30, 30..<33, 64..<69, 96..<128])
        #expect(context.count == 70)
    }
}
