/// What a text is, to the model that embeds it.
public enum EmbeddingRole: String, CaseIterable, Hashable, Sendable {
    /// A prompt: its vector is the one that passages are searched with.
    case query
    /// What a passage says: its vector is the one that it is indexed with.
    case passage
}
