import CWire
public import Core

/// Texts to be embedded. Reply: `EmbedReply`.
public struct EmbedRequest: Hashable, Sendable {
    /// A passage's is its title, a line feed and its text, or the text alone.
    public var texts: [String]
    public var role: EmbeddingRole

    /// The most texts of one request.
    public static let textLimit = 2048

    public init(texts: [String], role: EmbeddingRole) {
        self.texts = texts
        self.role = role
    }
}

extension EmbedRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__EmbedRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            texts: try unsafe Wire.texts(
                stored.texts, stored.n_texts, limit: Self.textLimit, "embed_request.texts"),
            role: try unsafe EmbeddingRole(stored: stored.role, "embed_request.role"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__EmbedRequest> {
        let stored = unsafe arena.make(imprag__embed_request__init)
        unsafe stored.pointee.n_texts = texts.count
        unsafe stored.pointee.texts = arena.array(texts)
        unsafe stored.pointee.role = role.stored
        return unsafe stored
    }
}
