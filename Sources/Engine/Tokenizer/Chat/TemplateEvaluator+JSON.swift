import Core

extension TemplateEvaluator {
    /// `json.dumps(value, ensure_ascii=False)` of Python, as `transformers` defines `tojson`.
    mutating func json(_ value: ChatValue, _ line: Int) throws(ImpRAGError) -> ChatText {
        switch value {
        case .none: return ChatText(template: "null")
        case .bool(let value): return ChatText(template: value ? "true" : "false")
        case .integer(let value): return ChatText(template: "\(value)")
        case .float(let value): return ChatText(template: "\(value)")
        case .string(let text):
            try charge(text.count, line)
            return Self.quoted(text)
        case .list(let values):
            var parts: [ChatText] = []
            for value in values { parts.append(try json(value, line)) }
            return try enclosed("[", parts, "]", line)
        case .dictionary(let entries):
            var parts: [ChatText] = []
            for entry in entries {
                parts.append(Self.quoted(entry.key) + ChatText(template: ": ") + (try json(entry.value, line)))
            }
            return try enclosed("{", parts, "}", line)
        case .undefined, .namespace, .function, .macro: throw failure(line, "\(value.kind) has no JSON")
        }
    }

    private mutating func enclosed(
        _ open: String, _ parts: [ChatText], _ close: String, _ line: Int
    ) throws(ImpRAGError) -> ChatText {
        let inner = ChatText(parts.joined(separator: ChatText(template: ", ")))
        try charge(inner.count, line)
        return ChatText(template: open) + inner + ChatText(template: close)
    }

    private static func quoted(_ text: ChatText) -> ChatText {
        let quote = ChatText(template: "\"")
        return quote + text.flatMap { $0.escaped } + quote
    }
}

extension ChatCharacter {
    fileprivate var escaped: ChatText {
        let escape: String? =
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            case "\u{8}": "\\b"
            case "\u{C}": "\\f"
            case _ where scalar.value < 0x10: "\\u000" + String(scalar.value, radix: 16)
            case _ where scalar.value < 0x20: "\\u00" + String(scalar.value, radix: 16)
            default: nil
            }
        guard let escape else { return [self] }
        return isData ? ChatText(data: escape) : ChatText(template: escape)
    }
}
