/// How the lexical index takes part in a search.
public enum WordsMode: String, Sendable, CaseIterable {
    /// Not at all: search by vector only.
    case off
    /// Search by vector and by words, and fuse both lists by rank.
    case fuse
    /// Search by words only.
    case only
}
