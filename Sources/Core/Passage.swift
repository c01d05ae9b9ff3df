/// A piece of the corpus as it is indexed, retrieved and read. Text is never normalised or trimmed.
public struct Passage: Hashable, Sendable, Codable {
    public let id: String
    /// Empty when there is none.
    public let title: String
    public let text: String

    public init(id: String, title: String, text: String) {
        self.id = id
        self.title = title
        self.text = text
    }

    /// What the model reads: `title`, a line feed, `text`; only `text` without a title.
    public var content: String { title.isEmpty ? text : title + "\n" + text }
}
