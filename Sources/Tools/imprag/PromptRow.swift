import Core

/// What the lines of `generate` and `score` have in common: a prompt and the passages to read with it.
struct PromptRow: JSONRow {
    let id: JSONScalar
    let prompt: String
    /// Best first.
    let passages: [Passage]
    /// Nil stands for the model's.
    let k: Int?
    /// Nil stands for the model's.
    let encoding: PassageEncoding?

    init(_ line: JSONField) throws(ImpRAGError) {
        id = try JSONScalar(line.required("id"))
        prompt = try line.required("prompt").string()
        passages = try line.passages()
        k = try line.optional("k")?.integer()
        encoding = try line.optional("encoding")?.passageEncoding()
    }
}

extension JSONField {
    /// The encoding that the field names; throws `invalidArgument` with those that exist.
    fileprivate func passageEncoding() throws(ImpRAGError) -> PassageEncoding {
        let name = try string()
        guard let encoding = PassageEncoding(rawValue: name) else {
            let right = PassageEncoding.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw problem("the encoding '\(name)' does not exist; one of \(right) is right")
        }
        return encoding
    }
}
