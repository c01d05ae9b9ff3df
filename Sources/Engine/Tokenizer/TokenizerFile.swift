import Core
import Foundation

/// What a `tokenizer.json` says, checked: the parts of a `Tokenizer`.
///
/// The file is one JSON object. Of its members `model` (`vocab`: token to id; `merges`: pairs, best first) is large and
/// read straight into tables; `added_tokens`, `normalizer`, `pre_tokenizer`, `post_processor` and `decoder` are small
/// and read as trees.
struct TokenizerFile {
    let vocabulary: Vocabulary
    let addedTokens: AddedTokens
    let normalizer: Normalizer
    let preTokenizer: PreTokenizer
    let model: BytePairModel
    let template: Template
    /// Nil for ByteLevel.
    let decoderSteps: DecoderSteps?

    /// A vocabulary whose ids leave more gaps than this, beside as many as it has tokens, is taken for damaged: memory
    /// grows with the highest id.
    private static let allowedGaps = 1 << 16

    init(path: String) throws(ImpRAGError) {
        var scanner = try JSONScanner(.file(path), bytes: Self.read(path))
        var settings: [String: JSONValue] = [:]
        var model: ModelSection?
        try scanner.readObject("the file") { (key: String, scanner: inout JSONScanner) throws(ImpRAGError) in
            if key == "model", model == nil {
                model = try ModelSection(&scanner)
            } else {
                let value = try scanner.readValue()
                guard key != "model", settings.updateValue(value, forKey: key) == nil else {
                    throw ImpRAGError(.invalidArgument, "\(path): \(key) stands twice")
                }
            }
        }
        try scanner.expectEnd()
        guard let model else { throw ImpRAGError(.invalidArgument, "\(path): model is missing") }

        func field(_ name: String) -> JSONField {
            JSONField(path: path, name: name, value: settings[name] ?? .null)
        }
        normalizer = try Normalizer(field("normalizer"))
        let preTokenizer = try PreTokenizerSection(field("pre_tokenizer"))
        self.preTokenizer = preTokenizer.preTokenizer
        decoderSteps = try DecoderSteps.read(field("decoder"))
        self.model = try model.bytePairModel(isByteLevel: preTokenizer.isByteLevel)

        var contents = model.contents
        let added = try Self.addedTokens(field("added_tokens"), into: &contents)
        let count = try Self.checkIDs(of: contents, path)
        var rewritten: [Int32: [UInt8]] = [:]
        for token in added where token.isNormalized { rewritten[token.id] = normalizer.normalized(token.content) }
        vocabulary = Vocabulary(
            contents: contents, count: count, specialIDs: added.filter(\.isSpecial).map(\.id),
            isByteLevel: decoderSteps == nil, rewritten: rewritten)
        addedTokens = AddedTokens(added, normalizer: normalizer)
        template = try Self.template(field("post_processor"), vocabulary)
    }

    /// Larger files are refused unread; the largest vocabularies in use take a tenth of this.
    private static let maximumFileBytes = 256 << 20

    /// The bytes of a file of a model's directory.
    static func read(_ path: String) throws(ImpRAGError) -> [UInt8] {
        guard FileManager.default.fileExists(atPath: path) else {
            throw ImpRAGError(.notFound, "\(path): there is no such file")
        }
        do {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false))
            let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
            guard attributes[.type] as? FileAttributeType == .typeRegular, size <= maximumFileBytes else {
                throw ImpRAGError(
                    .invalidArgument,
                    "\(path): must be a plain file of at most \(ByteCount(maximumFileBytes)), has \(ByteCount(size))")
            }
            return [UInt8](try Data(contentsOf: URL(filePath: path)))
        } catch let error as ImpRAGError {
            throw error
        } catch {
            throw ImpRAGError(.invalidArgument, "\(path): the file cannot be read", cause: error)
        }
    }

    /// Reads `added_tokens` and gives those that the model's vocabulary does not have their place in `contents`.
    private static func addedTokens(
        _ field: JSONField, into contents: inout TokenTable
    ) throws(ImpRAGError) -> [AddedToken] {
        if field.isNull { return [] }
        var tokens: [AddedToken] = []
        var seen = Set<[UInt8]>()
        for element in try field.elements() {
            let content = Array(try element.member("content").string().utf8)
            guard !content.isEmpty else { throw try element.member("content").failure("is empty") }
            guard seen.insert(content).inserted else {
                throw element.failure("repeats the token \"\(String(decoding: content, as: UTF8.self))\"")
            }
            let id = try element.member("id").id()
            if let known = contents.id(of: content.span, 0..<content.count) {
                guard known == id else {
                    throw element.failure(
                        "gives \"\(String(decoding: content, as: UTF8.self))\" the id \(id), but in model.vocab it has \(known)"
                    )
                }
            } else {
                _ = contents.insert(content[...], id: id)
            }
            tokens.append(
                AddedToken(
                    content: content, id: id,
                    isSpecial: try element.member("special").bool(absent: false),
                    isSingleWord: try element.member("single_word").bool(absent: false),
                    stripsLeft: try element.member("lstrip").bool(absent: false),
                    stripsRight: try element.member("rstrip").bool(absent: false),
                    isNormalized: try element.member("normalized").bool(absent: false)))
        }
        return tokens
    }

    /// Checks that no id stands for two tokens and that none is absurdly high; one more than the highest.
    private static func checkIDs(of contents: TokenTable, _ path: String) throws(ImpRAGError) -> Int {
        func name(_ entry: Int) -> String { "\"\(String(decoding: contents[entry].string, as: UTF8.self))\"" }
        var highest: Int32 = -1
        for entry in 0..<contents.count where contents[entry].id > highest {
            highest = contents[entry].id
            guard Int(highest) < contents.count * 2 + allowedGaps else {
                throw ImpRAGError(
                    .invalidArgument,
                    "\(path): the token \(name(entry)) has the id \(highest), but there are only \(contents.count) tokens"
                )
            }
        }
        var owners = [Int32](repeating: -1, count: Int(highest) + 1)
        for entry in 0..<contents.count {
            let id = Int(contents[entry].id)
            guard owners[id] < 0 else {
                throw ImpRAGError(
                    .invalidArgument,
                    "\(path): the tokens \(name(Int(owners[id]))) and \(name(entry)) both have the id \(id)")
            }
            owners[id] = Int32(truncatingIfNeeded: entry)
        }
        return owners.count
    }

    /// The ids around a text; a ByteLevel post-processor only moves offsets, which are not used here.
    private static func template(_ field: JSONField, _ vocabulary: Vocabulary) throws(ImpRAGError) -> Template {
        if field.isNull { return Template() }
        let type = try field.member("type").string()
        switch type {
        case "ByteLevel": return Template()
        case "TemplateProcessing": return try templateProcessing(field, vocabulary)
        case "Sequence":
            var whole = Template()
            for processor in try field.member("processors").elements() {
                let outer = try template(processor, vocabulary)
                whole.prefix = outer.prefix + whole.prefix
                whole.suffix += outer.suffix
            }
            return whole
        default:
            throw try field.member("type").failure(
                "is \"\(type)\", which is not supported; it must be TemplateProcessing, ByteLevel or a Sequence of them"
            )
        }
    }

    private static func templateProcessing(
        _ field: JSONField, _ vocabulary: Vocabulary
    ) throws(ImpRAGError) -> Template {
        let special = try field.member("special_tokens")
        var template = Template()
        var isAfterText = false
        for piece in try field.member("single").elements() {
            guard case .object(let members) = piece.value else { throw piece.failure("must be an object") }
            if members["Sequence"] != nil {
                let sequence = try piece.member("Sequence").member("id")
                guard try sequence.string() == "A", !isAfterText else {
                    throw sequence.failure("must be \"A\", and only once")
                }
                isAfterText = true
            } else {
                let name = try piece.member("SpecialToken").member("id").string()
                for id in try special.member(name).member("ids").elements() {
                    guard vocabulary.contains(try id.id()) else { throw id.failure("is no token's id") }
                    if isAfterText { template.suffix.append(try id.id()) } else { template.prefix.append(try id.id()) }
                }
            }
        }
        guard isAfterText else { throw try field.member("single").failure("has no place for the text") }
        return template
    }
}
