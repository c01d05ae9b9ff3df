import Core
import Regex

/// The `pre_tokenizer` of a `tokenizer.json`.
struct PreTokenizerSection {
    let preTokenizer: PreTokenizer
    /// Whether words are written in the alphabet of bytes.
    let isByteLevel: Bool

    /// GPT-2's pattern, which a ByteLevel pre-tokenizer applies unless `use_regex` is false.
    ///
    /// Source: `encoder.py` of GPT-2.
    private static let bytePattern = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    /// Reads `field`: Split and Digits, with ByteLevel after or Metaspace before them or with neither; null for none
    /// of them.
    init(_ field: JSONField) throws(ImpRAGError) {
        var steps: [SplitStep] = []
        var prefixSpaceBefore: Int?
        var metaspace: Metaspace?
        var isByteLevel = false
        for (number, part) in try Self.parts(of: field).enumerated() {
            guard !isByteLevel else { throw part.failure("stands after ByteLevel, which must be the last") }
            let type = try part.member("type").string()
            switch type {
            case "Split": steps.append(try Self.split(part))
            case "Digits":
                steps.append(
                    SplitStep(
                        regex: try Self.regex(#"\p{N}"#, part),
                        behavior: try part.member("individual_digits").bool(absent: false) ? .isolated : .contiguous,
                        isInverted: false))
            case "ByteLevel":
                isByteLevel = true
                if try part.member("add_prefix_space").bool(absent: true) { prefixSpaceBefore = steps.count }
                if try part.member("use_regex").bool(absent: true) {
                    steps.append(
                        SplitStep(regex: try Self.regex(Self.bytePattern, part), behavior: .isolated, isInverted: false)
                    )
                }
            case "Metaspace":
                guard number == 0 else { throw part.failure("is a Metaspace, which must be the first") }
                let settings = try Metaspace(part)
                metaspace = settings
                if settings.splits {
                    let mark = String(decoding: settings.replacement, as: UTF8.self)
                    steps.append(
                        SplitStep(
                            regex: try Self.regex(mark, part, options: .literal), behavior: .mergedWithNext,
                            isInverted: false))
                }
            default:
                throw try part.member("type").failure(
                    "is \"\(type)\", which is not supported; it must be Split, Digits, ByteLevel, Metaspace or a "
                        + "Sequence of them")
            }
        }
        preTokenizer = PreTokenizer(steps: steps, prefixSpaceBefore: prefixSpaceBefore, metaspace: metaspace)
        self.isByteLevel = isByteLevel
    }

    /// The pre-tokenizers in order, Sequences (at most a few deep: the file's nesting is bounded) taken apart.
    private static func parts(of field: JSONField) throws(ImpRAGError) -> [JSONField] {
        if field.isNull { return [] }
        guard try field.member("type").string() == "Sequence" else { return [field] }
        var parts: [JSONField] = []
        for element in try field.member("pretokenizers").elements() { parts += try Self.parts(of: element) }
        return parts
    }

    private static func split(_ field: JSONField) throws(ImpRAGError) -> SplitStep {
        let name = try field.member("behavior").string()
        guard let behavior = SplitStep.Behavior(rawValue: name) else {
            throw try field.member("behavior").failure(
                "is \"\(name)\"; it must be one of \(SplitStep.Behavior.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        let pattern = try field.member("pattern")
        let regex: Regex
        if !(try pattern.member("String").isNull) {
            let text = try pattern.member("String")
            regex = try Self.regex(try text.string(), text, options: .literal)
        } else {
            let text = try pattern.member("Regex")
            regex = try Self.regex(try text.string(), text)
        }
        return SplitStep(regex: regex, behavior: behavior, isInverted: try field.member("invert").bool(absent: false))
    }

    private static func regex(
        _ pattern: String, _ field: JSONField, options: Regex.Options = .multiline
    ) throws(ImpRAGError) -> Regex {
        do {
            return try Regex(
                options.contains(.literal) ? pattern : OnigurumaPattern.translated(pattern), options: options)
        } catch let error as ImpRAGError {
            throw ImpRAGError(.invalidArgument, "\(field.path): \(field.name): \(error.message)")
        } catch {
            throw ImpRAGError(.invalidArgument, "\(field.path): \(field.name) is no regular expression", cause: error)
        }
    }
}
