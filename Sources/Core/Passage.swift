/// A piece of the corpus as it is indexed, retrieved and read. Text is never normalised or trimmed.
public struct Passage: Hashable, Sendable {
    public let id: String
    /// Empty when there is none.
    public let title: String
    public let text: String
    /// What filters see, by field; the model never does.
    public let metadata: [String: MetadataValue]

    public init(id: String, title: String, text: String, metadata: [String: MetadataValue] = [:]) {
        self.id = id
        self.title = title
        self.text = text
        self.metadata = metadata
    }

    /// What the model reads: `title`, a line feed, `text`; only `text` without a title.
    public var content: String { title.isEmpty ? text : title + "\n" + text }
}
