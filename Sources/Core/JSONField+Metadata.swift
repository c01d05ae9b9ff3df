extension JSONField {
    /// A passage's metadata: strings, numbers and lists of strings; null is none.
    ///
    /// - Throws: `invalidArgument` naming the field.
    public func metadata() throws(ImpRAGError) -> [ByteString: MetadataValue] {
        var metadata: [ByteString: MetadataValue] = [:]
        for (name, field) in try members() where !field.isNull { metadata[name] = try field.metadataValue() }
        let problems = MetadataValue.problems(of: metadata)
        guard problems.isEmpty else { throw problem(problems.joined(separator: "; ")) }
        return metadata
    }

    private func metadataValue() throws(ImpRAGError) -> MetadataValue {
        func wrong() -> ImpRAGError { problem("it must be a string, a finite number or a list of strings") }
        switch value {
        case .string(let text): return .string(text)
        case .integer, .number, .digits:
            do throws(JSONProblem) {
                return .number(try Number(json: value))
            } catch {
                throw failure(error.message)
            }
        case .array(let values):
            var texts: [String] = []
            for value in values {
                guard case .string(let text) = value else { throw wrong() }
                texts.append(text)
            }
            return .strings(texts)
        default: throw wrong()
        }
    }
}
