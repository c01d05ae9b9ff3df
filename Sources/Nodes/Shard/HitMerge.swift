import Core
import VectorIndex

/// Makes one list of what several partitions found for a query.
///
/// Only passages of that list are read, although every partition found as many hits: with four partitions three of four
/// would be read, decompressed and decoded for nothing.
struct HitMerge {
    let k: Int
    let engines: [any SearchEngine]
    let clock: any Clock
    /// Time that was spent reading in each partition.
    private(set) var times: [Duration]

    /// Attempts per query: a passage that goes between searching and reading makes the list incomplete, and the search
    /// is repeated.
    private static let attempts = 3

    init(k: Int, engines: [any SearchEngine], clock: any Clock) {
        self.k = k
        self.engines = engines
        self.clock = clock
        times = [Duration](repeating: .zero, count: engines.count)
    }

    /// The best passages of all partitions, best first.
    ///
    /// - Parameters:
    ///   - lists: the hits of each engine, best first.
    ///   - again: searches all engines once more.
    mutating func passages(
        of lists: [[Hit]], deadline: Deadline, again: () throws(ImpRAGError) -> [[Hit]]
    ) throws(ImpRAGError) -> [ScoredPassage] {
        var lists = lists
        for _ in 1..<Self.attempts {
            try deadline.check("reading passages")
            let (found, isWhole) = try read(lists, from: Self.score(of: k, in: lists))
            if isWhole { return found }
            lists = try again()
        }
        // Of all hits, so that others take the places of passages that have gone.
        return try read(lists, from: -.infinity).found
    }

    private mutating func read(
        _ lists: [[Hit]], from least: Float
    ) throws(ImpRAGError) -> (found: [ScoredPassage], isWhole: Bool) {
        var found: [ScoredPassage] = []
        var isWhole = true
        for (place, engine) in engines.enumerated() {
            let hits = lists[place].prefix { $0.score >= least }
            guard !hits.isEmpty else { continue }
            let start = clock.now
            for (hit, passage) in zip(hits, try engine.passages(rows: hits.map(\.row))) {
                guard let passage else {
                    isWhole = false
                    continue
                }
                found.append(ScoredPassage(passage: passage, score: hit.score, rank: 0))
            }
            times[place] += clock.now - start
        }
        return (ScoredPassage.best(k, of: found), isWhole)
    }

    /// The score of the `k`-th best hit. All hits that have it are read: ids decide which of them come first.
    private static func score(of k: Int, in lists: [[Hit]]) -> Float {
        let scores = lists.joined().map(\.score)
        return scores.count > k ? scores.sorted(by: >)[k - 1] : -.infinity
    }
}
