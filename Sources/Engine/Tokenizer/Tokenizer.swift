public import Core
import Regex
import Synchronization

/// A Hugging Face `tokenizer.json`: BPE over bytes, or over characters with byte tokens for those it does not know
/// (SentencePiece's, as in Llama 2). Read once, then immutable and shared by all threads.
///
/// Gives the ids that the `tokenizers` package gives. The file's `truncation` and `padding` are ignored: they concern
/// batches, not texts.
public final class Tokenizer: Sendable {
    /// What happens to a special token that stands written out in the text.
    public enum SpecialTokens: Sendable {
        /// It becomes its id, as in the `tokenizers` package.
        case recognised
        /// It is ordinary text: prompts and passages are data, possibly hostile.
        case plain
        /// It becomes its id where all of it stands in one of these ranges of the text's bytes, which are in order, and
        /// is ordinary text elsewhere.
        case within([Range<Int>])

        /// Whether a special token at `place` becomes its id.
        func recognises(_ place: Range<Int>) -> Bool {
            switch self {
            case .recognised: return true
            case .plain: return false
            case .within(let ranges):
                var (low, high) = (0, ranges.count)
                while low < high {
                    let middle = (low + high) / 2
                    if ranges[middle].upperBound < place.upperBound { low = middle + 1 } else { high = middle }
                }
                return low < ranges.count && ranges[low].lowerBound <= place.lowerBound
            }
        }

        /// The same for a range whose bytes have moved since: all of it or nothing.
        func wholly(_ range: Range<Int>) -> SpecialTokens { recognises(range) ? .recognised : .plain }
    }

    private let vocabulary: Vocabulary
    private let addedTokens: AddedTokens
    private let normalizer: Normalizer
    private let preTokenizer: PreTokenizer
    private let model: BytePairModel
    private let template: Template
    private let decoderSteps: DecoderSteps?

    /// Scratch buffers between calls. A call takes one from the pool, or makes one, and returns it.
    private let idle = Mutex<[Scratch]>([])
    /// More than this many are freed after use.
    private static let maximumIdle = 8

    /// The buffers of one call: bounded, and warm with the words of earlier calls.
    private struct Scratch: Sendable {
        var pieces = PieceScratch()
        var words = WordScratch()
    }

    /// Longer texts are refused: places inside a word are kept in 32 bits.
    private let maximumTextBytes: Int

    /// Reads `tokenizer.json` at `path`.
    ///
    /// Throws `notFound` when there is no such file, and `invalidArgument`, naming file and field, when it is damaged
    /// or asks for something that is not supported: another model than BPE, or a normalizer such as Lowercase.
    public init(path: String) throws(ImpRAGError) {
        let file = try TokenizerFile(path: path)
        vocabulary = file.vocabulary
        addedTokens = file.addedTokens
        normalizer = file.normalizer
        preTokenizer = file.preTokenizer
        model = file.model
        template = file.template
        decoderSteps = file.decoderSteps
        let growth = normalizer.growth.multipliedClamped(by: preTokenizer.growth)
        maximumTextBytes = Int(Int32.max) / growth
        mayAddText = growth > 1
    }

    /// Ids 0 ..< this number may occur; added tokens are counted.
    public var vocabularySize: Int { vocabulary.count }

    /// Whether a text may have more ids than bytes: spaces become longer, or one is put in front.
    public let mayAddText: Bool

    /// The id of a token, written as in the file (`Ġthe`, `<|begin_of_text|>`); nil when there is none.
    public func id(of token: String) -> Int32? {
        let bytes = Array(token.utf8)
        return vocabulary.contents.id(of: bytes.span, 0..<bytes.count)
    }

    /// Whether `id` is a token's: ids below `vocabularySize` may have gaps.
    public func contains(_ id: Int32) -> Bool { vocabulary.contains(id) }

    /// Whether decoding leaves `id` out.
    public func isSpecial(_ id: Int32) -> Bool { vocabulary.isSpecial(id) }

    /// The ids of `text`.
    ///
    /// - Parameter addingTemplate: whether the post-processor's ids (such as BOS) are put around it.
    /// - Throws: `resourceExhausted` for 2 GiB of text and more (less where the tokenizer makes texts longer), and when
    ///   the file's pattern backtracks without end.
    public func encode(
        _ text: String, specialTokens: SpecialTokens, addingTemplate: Bool
    ) throws(ImpRAGError) -> [Int32] {
        try encode(text.utf8Span, specialTokens: specialTokens, addingTemplate: addingTemplate)
    }

    /// The ids of a text that is not a `String`.
    public func encode(
        _ text: UTF8Span, specialTokens: SpecialTokens, addingTemplate: Bool
    ) throws(ImpRAGError) -> [Int32] {
        let bytes = text.span
        guard bytes.count <= maximumTextBytes else {
            throw ImpRAGError(
                .resourceExhausted,
                "a text of \(ByteCount(bytes.count)) is too long to tokenize; at most \(ByteCount(maximumTextBytes))"
            )
        }
        var ids: [Int32] = []
        ids.reserveCapacity(bytes.count / 4 + 8)
        if addingTemplate { ids += template.prefix }
        var scratch = idle.withLock { $0.popLast() } ?? Scratch()
        do throws(RegexError) {
            for part in addedTokens.verbatimParts(of: bytes, specialTokens) {
                if let id = part.id {
                    ids.append(id)
                } else if normalizer.isIdentity {
                    try encode(
                        text, part.range, isAtStart: part.range.lowerBound == 0, specialTokens, &scratch, into: &ids)
                } else {
                    let normalized = normalizer.normalized([UInt8](copying: bytes, part.range))
                    let changed = String(decoding: normalized, as: UTF8.self)
                    try encode(
                        changed.utf8Span, 0..<normalized.count, isAtStart: part.range.lowerBound == 0,
                        specialTokens.wholly(part.range), &scratch, into: &ids)
                }
            }
        } catch {
            throw ImpRAGError(
                .resourceExhausted, "the pre_tokenizer's pattern cannot cope with a text of \(ByteCount(bytes.count))",
                cause: error)
        }
        scratch.pieces.shrink()
        scratch.words.shrink()
        idle.withLock { [scratch] idle in
            if idle.count < Self.maximumIdle { idle.append(scratch) }
        }
        if addingTemplate { ids += template.suffix }
        return ids
    }

    /// The ids of a rendered chat: special tokens are recognised in what the template wrote, and nowhere else.
    public func encode(_ chat: RenderedChat) throws(ImpRAGError) -> [Int32] {
        try encode(chat.text, specialTokens: .within(chat.templateRanges), addingTemplate: false)
    }

    /// Appends the ids of normalised text that holds no token that is looked for before.
    private func encode(
        _ text: UTF8Span, _ region: Range<Int>, isAtStart: Bool, _ specialTokens: SpecialTokens,
        _ scratch: inout Scratch,
        into ids: inout [Int32]
    ) throws(RegexError) {
        for part in addedTokens.normalizedParts(of: text.span, region, specialTokens) {
            if let id = part.id {
                ids.append(id)
                continue
            }
            try preTokenizer.forEachBatch(
                of: text, part.range, isAtStart: isAtStart && part.range.lowerBound == region.lowerBound,
                &scratch.pieces
            ) { text, words in
                for word in words { model.encode(text, word, &scratch.words, into: &ids) }
            }
        }
    }

    /// The text of `ids`; invalid UTF-8 becomes U+FFFD: in a byte-level vocabulary one for each maximal part that could
    /// have started a character, in one with byte tokens one for each byte of the run of byte tokens.
    ///
    /// Throws `invalidArgument` for an id outside the vocabulary.
    public func decode(_ ids: [Int32], skippingSpecialTokens: Bool = true) throws(ImpRAGError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(ids.count * 4)
        var steps = decoderSteps
        for id in ids {
            guard vocabulary.contains(id) else { throw Self.unknownID(id, vocabulary) }
            if skippingSpecialTokens, vocabulary.isSpecial(id) { continue }
            let token = vocabulary.bytes(of: id)
            if steps?.append(Array(token), to: &bytes) == nil { bytes += token }
        }
        steps?.finish(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A decoder for ids that come one by one; it never emits half a character. Skips special tokens.
    public func makeStreamDecoder() -> StreamDecoder { StreamDecoder(vocabulary: vocabulary, steps: decoderSteps) }

    static func unknownID(_ id: Int32, _ vocabulary: Vocabulary) -> ImpRAGError {
        ImpRAGError(
            .invalidArgument, "\(id) is no token's id; the vocabulary has ids from 0 to \(vocabulary.count - 1)")
    }
}
