/// What part the words of a prompt have in a search, beside its vector.
public enum WordsMode: String, Sendable, CaseIterable {
    /// None: the vector alone, which is the paper's method.
    case off
    /// The list by vectors and the list by words are joined by rank.
    case fuse
    /// The words alone.
    case only
}
