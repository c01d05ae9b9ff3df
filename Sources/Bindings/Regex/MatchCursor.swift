/// The position of a search through one range, between calls that each return a limited number of matches.
public struct MatchCursor: Sendable {
    /// Where to look for the next match, in bytes from the range's start.
    var position = 0
    /// Where the last match ended, in bytes from the range's start; nil before the first.
    var lastMatchEnd: Int?
    /// Whether every match has been returned.
    public internal(set) var isFinished = false

    public init() {}
}
