public import Core
import Kernels

/// States of passages as bytes, to be stored and sent, for one model. Immutable.
///
/// The same bytes decode to the same bits, on every thread and every machine.
public struct StateCoder: Sendable {
    public let codec: StateCodec
    /// Every layer and key head keeps half of the tokens: the first, the latest quarter, and those that receive most
    /// attention there inside the passage, which the reading must have measured.
    public let keepsHalf: Bool

    /// What decides the bytes of a passage's state beside its tokens and the model, as in `int8 half of bf16`.
    public let name: String

    private let header: StateHeader
    private let maxTokens: Int
    private let codebooks: StateCodebooks?
    private let pool: WorkerPool

    /// - Parameter codebooks: of this model's states; for `pq` alone, and needed there.
    /// - Throws: `invalidArgument` for `pq` without codebooks, or with another model's.
    public init(
        _ model: LlamaModel, codec: StateCodec, keepsHalf: Bool = false, codebooks: StateCodebooks? = nil
    ) throws(ImpRAGError) {
        let layout = model.layout(model.middle)
        if codec == .pq {
            guard let codebooks else {
                throw ImpRAGError(.invalidArgument, "codec pq needs codebooks that were trained on this model's states")
            }
            guard codebooks.fits(layout) else {
                throw ImpRAGError(.invalidArgument, "the codebooks were trained for a model of other sizes")
            }
        }
        self.codec = codec
        self.keepsHalf = keepsHalf
        self.codebooks = codec == .pq ? codebooks : nil
        header = StateHeader(
            codec: codec, keepsHalf: keepsHalf, layout: layout, codebookDigest: self.codebooks?.digest ?? 0)
        name =
            codec.rawValue + (keepsHalf ? " half" : "") + " of \(model.compute.rawValue)"
            + (self.codebooks.map { " by \($0.digest)" } ?? "")
        maxTokens = model.configuration.maxPassageTokens
        pool = model.pool
    }

    /// Bytes of the state of a passage of `tokens` tokens.
    public func byteCount(tokens: Int) -> Int { header.stateBytes(tokens: tokens) }

    /// The passage's state. Numbers that are not finite become 0.
    public func encode(_ passage: EncodedPassage) -> [UInt8] {
        precondition(passage.tokens.layout == header.layout, "the passage was read by another model")
        let kept = header.keptTokens(of: passage.tokenCount)
        precondition(passage.keptTokenCount >= kept, "the passage has lost tokens that this coder keeps")
        var bytes = header.bytes(tokens: passage.tokenCount)
        bytes.reserveCapacity(byteCount(tokens: passage.tokenCount))
        for layer in header.layout.layers {
            let (keys, values) = passage.tokens.recall(layer: layer)
            let numbers = StateNumbers(
                layout: header.layout, keys: keys, values: values,
                places: (0..<header.layout.keyHeadCount).map { passage.placesToKeep(kept, layer: layer, keyHead: $0) })
            switch codec {
            case .bf16: numbers.appendBFloat16(to: &bytes)
            case .int8: numbers.appendInt8(to: &bytes)
            case .pq: codebooks?.append(numbers, layer: layer, to: &bytes, pool: pool)
            }
        }
        return bytes
    }

    /// The states of several passages, made by all threads.
    public func encode(_ passages: [EncodedPassage]) -> [[UInt8]] {
        pool.map(passages.count) { encode(passages[$0]) }
    }

    /// - Throws: `dataLoss` for bytes that are no state of this model in this codec.
    public func decode(_ bytes: [UInt8]) throws(ImpRAGError) -> EncodedPassage {
        try decode(bytes.span)
    }

    /// The same from wherever the bytes are. Throws as for an array.
    public func decode(_ bytes: Span<UInt8>) throws(ImpRAGError) -> EncodedPassage {
        let head = StateHeader.prefix(of: bytes)
        guard let count = StateHeader.tokens(in: head), head.starts(with: "IPST".utf8) else {
            throw ImpRAGError(.dataLoss, "\(bytes.count) bytes are no passage state, which begins with IPST")
        }
        guard (1...maxTokens).contains(count), head == header.bytes(tokens: count) else {
            throw ImpRAGError(
                .dataLoss,
                "the state's header is not that of 1 to \(maxTokens) tokens of this model in codec \(codec.rawValue)")
        }
        guard bytes.count == byteCount(tokens: count) else {
            throw ImpRAGError(
                .dataLoss,
                "the state of \(count) tokens has \(bytes.count) bytes; \(byteCount(tokens: count)) are expected")
        }
        let kept = header.keptTokens(of: count)
        let tokens = KeyValueTokens(header.layout)
        tokens.reserve(kept, filled: kept)
        let layerBytes = codec.form.layerBytes(tokens: kept, header.layout)
        var first = StateHeader.byteCount
        for layer in header.layout.layers {
            let isFinite = tokens.place(
                bytes.extracting(first..<first + layerBytes), as: codec.form, tokens: kept, layer: layer,
                codebooks: codebooks?.books(layer: layer))
            guard isFinite else {
                throw ImpRAGError(.dataLoss, "the state's layer \(layer) holds numbers that are not finite")
            }
            first += layerBytes
        }
        tokens.advance(by: kept)
        return EncodedPassage(tokens: tokens, tokenCount: count)
    }

    /// What decoding the passage's encoded state gives, bit for bit.
    public func rounded(_ passage: EncodedPassage) -> EncodedPassage {
        if codec == .bf16, header.layout.number == .bf16,
            passage.keptTokenCount == header.keptTokens(of: passage.tokenCount)
        {
            return passage
        }
        do throws(ImpRAGError) {
            return try decode(encode(passage))
        } catch {
            preconditionFailure("a state that was just encoded is refused: \(error)")
        }
    }
}
