import Core

extension Passage {
    /// A passage inside an input line: `{"title","text"}`, the title absent or null if there is none.
    init(row field: JSONField) throws(ImpRAGError) {
        self.init(
            id: "", title: try field.optional("title")?.string() ?? "", text: try field.required("text").string())
    }
}

extension JSONField {
    /// The passages of the field `passages`; none if it is absent or null.
    func passages() throws(ImpRAGError) -> [Passage] {
        var passages: [Passage] = []
        for element in try optional("passages")?.elements() ?? [] { passages.append(try Passage(row: element)) }
        return passages
    }
}
