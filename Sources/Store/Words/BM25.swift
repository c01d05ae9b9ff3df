internal import Foundation

/// BM25 (Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) in Lucene's form,
/// without the constant factor k1 + 1, and with Pyserini's parameters.
public enum BM25 {
    public static let k1: Float = 0.9
    public static let b: Float = 0.4
    /// The weight of query terms in a title, relative to the text.
    public static let titleWeight: Float = 0.3

    /// A passage's score for a query: BM25 over title and text as one field, plus, for a title of n distinct terms of
    /// which m are in the query, `titleWeight` · m/n times the weights of those m. A question about Oliver Cromwell
    /// should find his own article before those that mention him.
    ///
    /// - Parameters:
    ///   - frequencies: the passage's frequency of each query term.
    ///   - length: the passage's length in terms.
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
                // Under concurrent updates, a passage may count towards a term a moment before it counts as a passage.
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

        /// What one term adds to a passage's score: increasing in the frequency, decreasing in the length.
        @inline(__always)
        func part(of term: Int, frequency: Int, length: Int) -> Float {
            let frequency = Float(frequency)
            return weights[term] * (frequency / (frequency + normBase + normSlope * Float(length)))
        }
    }
}
