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
                    tokens.keep(keys: keys, values: values, layer: 2 + layer)
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
