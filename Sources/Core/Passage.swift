/// The unit that is indexed, retrieved and read. Text is never normalized or trimmed.
public struct Passage: Sendable {
    public let id: String
    /// Empty when there is none.
    public let title: String
    public let text: String
    /// For filters, by field; the model never sees it.
    public let metadata: [ByteString: MetadataValue]

    public init(id: String, title: String, text: String, metadata: [ByteString: MetadataValue] = [:]) {
        self.id = id
        self.title = title
        self.text = text
        self.metadata = metadata
    }

    /// What the model reads: `title`, a line feed, `text`; only `text` without a title.
    public var content: String { title.isEmpty ? text : title + "\n" + text }
}

extension Passage: Hashable {
    /// Equal passages have equal bytes.
    public static func == (left: Passage, right: Passage) -> Bool {
        left.strings == right.strings && left.metadata == right.metadata
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(strings)
        hasher.combine(metadata)
    }

    private var strings: [ByteString] { [id, title, text].map(ByteString.init(_:)) }
}
