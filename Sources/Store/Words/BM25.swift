internal import Foundation

/// BM25 (Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) in Lucene's form: with the constants that
/// Pyserini takes, and without the constant factor k1 + 1.
public enum BM25 {
    public static let k1: Float = 0.9
    public static let b: Float = 0.4
    /// What a title that the query names counts beside the text.
    public static let titleWeight: Float = 0.3

    /// What a passage is worth to a query: BM25 of title and text as one, and for a title of n distinct terms, m of which the query has,
    /// `titleWeight` · m/n times the weights of those m. A question about Oliver Cromwell means his article before all that mention him.
    ///
    /// - Parameters:
    ///   - frequencies: how often the passage has each of the query's terms.
    ///   - length: the passage's, in terms.
    ///   - statistics: of the collection, for the same terms.
    public static func score(
        _ frequencies: [Int], length: Int, title: TitleTerms = TitleTerms(), statistics: WordStatistics
    ) -> Float {
        Scorer(statistics).score(frequencies, length: length, title: title)
    }

    /// Scores many passages for one query.
    struct Scorer {
        /// The weight of each term, above 0.
        let weights: [Float]
        private let normBase: Float
        private let normSlope: Float

        init(_ statistics: WordStatistics) {
            weights = statistics.frequencies.map { frequency in
                // A passage may be counted among those with a term a moment before it is counted as a passage.
                let (passages, frequency) = (Double(max(statistics.passages, frequency)), Double(frequency))
                return Float(log(1 + (passages - frequency + 0.5) / (frequency + 0.5)))
            }
            let averageLength = max(1, Float(statistics.tokens) / Float(max(1, statistics.passages)))
            normBase = k1 * (1 - b)
            normSlope = k1 * b / averageLength
        }

        func score(_ frequencies: [Int], length: Int, title: TitleTerms = TitleTerms()) -> Float {
            var sum: Float = 0
            for (term, frequency) in frequencies.enumerated() where frequency > 0 && term < weights.count {
                sum += part(of: term, frequency: frequency, length: length)
            }
            guard title.count > 0 else { return sum }
            let named = title.terms.reduce(Float(0)) { weights.indices.contains($1) ? $0 + weights[$1] : $0 }
            return sum + titleWeight * named * Float(title.terms.count) / Float(title.count)
        }

        /// What one term adds to a passage's score: grows with the frequency, falls with the length.
        @inline(__always)
        func part(of term: Int, frequency: Int, length: Int) -> Float {
            let frequency = Float(frequency)
            return weights[term] * (frequency / (frequency + normBase + normSlope * Float(length)))
        }
    }
}
