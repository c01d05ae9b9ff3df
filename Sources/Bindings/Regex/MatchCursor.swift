/// Where a search through one range stands, between calls that each take a limited number of matches.
public struct MatchCursor: Sendable {
    /// Where the next match is looked for, in bytes from the range's start.
    var position = 0
    /// Where the last match ended, from the range's start; nil before the first.
    var lastMatchEnd: Int?
    /// Whether every match has been given.
    public internal(set) var isFinished = false

    public init() {}
}
