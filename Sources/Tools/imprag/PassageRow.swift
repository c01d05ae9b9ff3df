import Core

/// A passage inside an input line: `{"title","text"}`, the title absent or null where there is none.
struct PassageRow: Decodable {
    let title: String?
    let text: String

    var passage: Passage { Passage(id: "", title: title ?? "", text: text) }
}
