import Core
import Kernels

// A stored state, little-endian:
//
//     0   "IPST"
//     4   version (1), codec (1 bf16, 2 int8, 3 pq), 1 where half of the tokens is kept or 0, 0
//     8   tokens of the passage, uint32
//     12  kept tokens, uint32
//     16  first layer, number of layers, key heads, head size, uint16 each
//     24  digest of the codebooks, uint64; 0 without
//     32  the layers, one after the other, as `states.h` describes them

/// The first 32 bytes of a state. A reader knows all of it but the tokens, and compares the rest.
struct StateHeader {
    static let byteCount = 32

    let codec: StateCodec
    let keepsHalf: Bool
    let layout: KeyValueLayout
    let codebookDigest: UInt64

    /// How many of `tokens` tokens are stored.
    func keptTokens(of tokens: Int) -> Int { keepsHalf ? (tokens + 1) / 2 : tokens }

    func bytes(tokens: Int) -> [UInt8] {
        var writer = ByteWriter(capacity: Self.byteCount)
        writer.append(Array("IPST".utf8) + [1, codec.number, keepsHalf ? 1 : 0, 0])
        writer.append(UInt32(tokens))
        writer.append(UInt32(keptTokens(of: tokens)))
        writer.append(layout.sizes)
        writer.append(codebookDigest)
        return writer.bytes
    }

    /// The bytes of the header of `state`, as far as they are there.
    static func prefix(of state: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in 0..<min(byteCount, state.count) { bytes.append(state[index]) }
        return bytes
    }

    /// The tokens that a header names; nil when it is too short.
    static func tokens(in bytes: [UInt8]) -> Int? {
        guard bytes.count >= byteCount else { return nil }
        var reader = ByteReader(bytes, from: 8)
        return reader.uint32().map { Int($0) }
    }

    /// Bytes of a whole state of `tokens` tokens.
    func stateBytes(tokens: Int) -> Int {
        Self.byteCount + layout.layers.count * codec.form.layerBytes(tokens: keptTokens(of: tokens), layout)
    }
}

extension KeyValueLayout {
    /// What stored states and codebooks say of a model: first layer, number of layers, key heads, head size.
    var sizes: [UInt16] { [layers.lowerBound, layers.count, keyHeadCount, headSize].map { UInt16($0) } }
}
