public import Core
import Foundation

/// A chat written as the model was taught to read it.
public struct RenderedChat: Sendable, Equatable {
    public let text: String
    /// The bytes of `text` that the template wrote, in order; the others come from messages.
    public let templateRanges: [Range<Int>]

    init(_ characters: ChatText) {
        var ranges: [Range<Int>] = []
        var place = 0
        for character in characters {
            let end = place + UTF8.width(character.scalar)
            if !character.isData {
                if let last = ranges.last, last.upperBound == place {
                    ranges[ranges.count - 1] = last.lowerBound..<end
                } else {
                    ranges.append(place..<end)
                }
            }
            place = end
        }
        text = characters.string
        templateRanges = ranges
    }
}

/// A model's chat template: `chat_template.jinja`, or `chat_template` of `tokenizer_config.json`; a model that has
/// neither reads chats in its task template (`TaskChat`).
///
/// Renders what `apply_chat_template(messages, add_generation_prompt=True)` of `transformers` does, for templates in
/// the part of Jinja that `TemplateParser` reads; there are no tools or documents. Whatever operations text of a
/// message goes through, it stays marked as such.
public struct ChatTemplate: Sendable {
    private let name: String
    /// Nil: the model has no template of its own.
    private let nodes: [TemplateNode]?
    private let specialTokens: [String: ChatValue]

    private static let specialTokenNames = [
        "bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token",
    ]
    /// Far more than any template in use.
    private static let maximumBytes = 1 << 20

    /// Reads the template of the model in `directory`.
    ///
    /// Throws `failedPrecondition` for one that is damaged or needs more than is supported: the model was taught to
    /// read chats in another way than any other template's.
    public init(directory: String) throws(ImpRAGError) {
        do throws(ImpRAGError) {
            try self.init(ofModelIn: directory)
        } catch  where error.code == .invalidArgument {
            throw ImpRAGError(.failedPrecondition, "the model's chat template cannot be used: \(error.message)")
        }
    }

    private init(ofModelIn directory: String) throws(ImpRAGError) {
        let path = directory + "/chat_template.jinja"
        let settingsPath = directory + "/tokenizer_config.json"
        var settings: JSONField?
        if FileManager.default.fileExists(atPath: settingsPath) {
            let value = try JSONScanner.value(.file(settingsPath), bytes: TokenizerFile.read(settingsPath))
            settings = JSONField(path: settingsPath, name: "", value: value)
        }
        if FileManager.default.fileExists(atPath: path) {
            let bytes = try TokenizerFile.read(path)
            guard let template = String(validating: bytes, as: UTF8.self) else {
                throw ImpRAGError(.invalidArgument, "\(path): the bytes are not UTF-8")
            }
            try self.init(template, name: path, settings)
        } else if let settings, let template = try Self.template(in: settings) {
            try self.init(template, name: "\(settingsPath): chat_template", settings)
        } else {
            self.init()
        }
    }

    /// That of a model without one.
    private init() { (name, nodes, specialTokens) = ("", nil, [:]) }

    /// A template with the special tokens of a `tokenizer_config.json`.
    init(_ template: String, name: String, _ settings: JSONField? = nil) throws(ImpRAGError) {
        guard template.utf8.count <= Self.maximumBytes else {
            throw ImpRAGError(
                .invalidArgument,
                "\(name): has \(ByteCount(template.utf8.count)); at most \(ByteCount(Self.maximumBytes)) are read")
        }
        self.name = name
        nodes = try TemplateParser.nodes(of: template, name: name)
        var tokens: [String: ChatValue] = [:]
        for token in Self.specialTokenNames {
            guard let field = try settings?.optional(token) else { continue }
            let content = if case .object = field.value { try field.required("content") } else { field }
            tokens[token] = .string(ChatText(template: try content.string()))
        }
        specialTokens = tokens
    }

    /// The template is a string, or one of a list with names: then the one called `default`.
    private static func template(in settings: JSONField) throws(ImpRAGError) -> String? {
        guard let field = try settings.optional("chat_template") else { return nil }
        guard case .array = field.value else { return try field.string() }
        for element in try field.elements() where try element.required("name").string() == "default" {
            return try element.required("template").string()
        }
        return nil
    }

    /// The prompt of a chat that the assistant is to go on with.
    ///
    /// Throws `invalidArgument` for messages that the template refuses or cannot cope with, `resourceExhausted` when it
    /// takes too long over them.
    public func render(_ messages: [ChatMessage], at time: WallTime) throws(ImpRAGError) -> RenderedChat {
        guard let nodes else { return TaskChat.render(messages) }
        let role = ChatText(template: "role")
        let content = ChatText(template: "content")
        var variables = specialTokens
        variables["messages"] = .list(
            messages.map {
                .dictionary([
                    ChatValue.Entry(key: role, value: .string(ChatText(data: $0.role))),
                    ChatValue.Entry(key: content, value: .string(ChatText(data: $0.content))),
                ])
            })
        variables["tools"] = ChatValue.none
        variables["documents"] = ChatValue.none
        variables["add_generation_prompt"] = .bool(true)
        var evaluator = TemplateEvaluator(name: name, variables: variables, time: time)
        try evaluator.render(nodes)
        return RenderedChat(evaluator.output)
    }
}
