public import Core

/// A Hugging Face `tokenizer.json`: byte-level BPE, read once, then immutable and shared by all threads.
public final class Tokenizer: Sendable {
    /// What happens to a special token that stands written out in the text.
    public enum SpecialTokens: Sendable {
        /// It becomes its id, as in the `tokenizers` package.
        case recognised
        /// It is ordinary text: prompts and passages are data, possibly hostile.
        case plain
    }

    /// Reads `tokenizer.json` at `path`.
    public init(path: String) throws(ImpRAGError) {
        throw ImpRAGError(.internal, "not built yet")
    }

    /// Ids 0 ..< this number may occur; added tokens are counted.
    public var vocabularySize: Int { 0 }

    /// The ids of `text`.
    ///
    /// - Parameter addingTemplate: whether the post-processor's ids (such as BOS) are put around it.
    public func encode(_ text: String, specialTokens: SpecialTokens, addingTemplate: Bool) -> [Int32] { [] }

    /// The text of `ids`; invalid UTF-8 becomes U+FFFD. Throws `invalidArgument` for an id outside the vocabulary.
    public func decode(_ ids: [Int32], skippingSpecialTokens: Bool = true) throws(ImpRAGError) -> String { "" }

    /// A decoder for ids that come one by one; it never emits half a character. Skips special tokens.
    public func makeStreamDecoder() -> StreamDecoder { StreamDecoder() }
}
