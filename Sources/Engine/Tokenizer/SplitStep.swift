import Core
import Regex

/// One `Split` of a pre-tokenizer: cuts a text where a pattern matches.
struct SplitStep: Sendable {
    /// What becomes of the matches, named as in the file.
    enum Behavior: String, Sendable, CaseIterable {
        case removed = "Removed"
        case isolated = "Isolated"
        case mergedWithPrevious = "MergedWithPrevious"
        case mergedWithNext = "MergedWithNext"
        case contiguous = "Contiguous"
    }

    let regex: Regex
    let behavior: Behavior
    /// Whether what lies between the matches counts as match, and the matches as what lies between.
    let isInverted: Bool

    /// Whether a region can be cut batch by batch: the others look at what came before.
    private var worksInBatches: Bool { behavior == .isolated || behavior == .removed }

    /// Appends the next pieces of `text[region]`, none of them empty.
    ///
    /// - Parameters:
    ///   - progress: `SplitProgress()` at first; there are more pieces until it `isFinished`.
    ///   - limit: about how many matches to return at once, where the behaviour allows.
    func nextPieces(
        of text: UTF8Span, _ region: Range<Int>, _ progress: inout SplitProgress, limit: Int,
        _ matches: inout [Range<Int>], into pieces: inout [Range<Int>]
    ) throws(RegexError) {
        matches.removeAll(keepingCapacity: true)
        try regex.findMatches(
            in: text, range: region, cursor: &progress.cursor, limit: worksInBatches ? limit : .max,
            appendingTo: &matches)
        progress.isFinished = progress.cursor.isFinished
        var previous = region.lowerBound + progress.covered
        let end = region.upperBound
        switch behavior {
        case .isolated:
            for match in matches {
                if previous < match.lowerBound { pieces.append(previous..<match.lowerBound) }
                if !match.isEmpty { pieces.append(match) }
                previous = match.upperBound
            }
            if progress.isFinished, previous < end { pieces.append(previous..<end) }
        case .removed:
            for match in matches {
                let kept = isInverted ? match : previous..<match.lowerBound
                if !kept.isEmpty { pieces.append(kept) }
                previous = match.upperBound
            }
            if progress.isFinished, previous < end, !isInverted { pieces.append(previous..<end) }
        case .mergedWithPrevious, .mergedWithNext, .contiguous:
            merge(matches, region, into: &pieces)
        }
        progress.covered = previous - region.lowerBound
    }

    /// The behaviours that join neighbours, over all matches of the region.
    private func merge(_ matches: [Range<Int>], _ region: Range<Int>, into pieces: inout [Range<Int>]) {
        var parts: [(range: Range<Int>, isMatch: Bool)] = []
        var previous = region.lowerBound
        for match in matches {
            if previous != match.lowerBound { parts.append((previous..<match.lowerBound, isInverted)) }
            parts.append((match, !isInverted))
            previous = match.upperBound
        }
        if previous != region.upperBound { parts.append((previous..<region.upperBound, isInverted)) }

        if behavior == .mergedWithNext { parts.reverse() }
        var joined: [Range<Int>] = []
        var previousIsMatch = false
        for part in parts {
            let joins = behavior == .contiguous ? part.isMatch == previousIsMatch : part.isMatch && !previousIsMatch
            if joins, let last = joined.popLast() {
                joined.append(
                    min(last.lowerBound, part.range.lowerBound)..<max(last.upperBound, part.range.upperBound))
            } else {
                joined.append(part.range)
            }
            previousIsMatch = part.isMatch
        }
        if behavior == .mergedWithNext { joined.reverse() }
        pieces.append(contentsOf: joined.lazy.filter { !$0.isEmpty })
    }
}

/// How far a `SplitStep` has come in a region.
struct SplitProgress {
    var cursor = MatchCursor()
    /// Bytes of the region that lie before the next piece.
    var covered = 0
    var isFinished = false
}
