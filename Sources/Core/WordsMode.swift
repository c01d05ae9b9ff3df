/// What a passage's own words have to say when passages are searched.
public enum WordsMode: String, Sendable, CaseIterable {
    /// Nothing: passages are found by their vectors.
    case off
    /// Passages are found by vectors and by words, and both lists are joined by their ranks.
    case fuse
    /// Passages are found by words.
    case only
}
