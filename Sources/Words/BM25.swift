internal import Foundation

/// BM25 (Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) in Lucene's form: with the constants that
/// Pyserini takes, and without the constant factor k1 + 1.
public enum BM25 {
    public static let k1: Float = 0.9
    public static let b: Float = 0.4

    /// What a passage is worth to a query.
    ///
    /// - Parameters:
    ///   - frequencies: how often the passage has each of the query's terms.
    ///   - length: the passage's, in terms.
    ///   - statistics: of the collection, for the same terms.
    public static func score(_ frequencies: [Int], length: Int, statistics: WordStatistics) -> Float {
        let norm = norm(length: length, averageLength: averageLength(statistics))
        var sum: Float = 0
        for (term, frequency) in frequencies.enumerated() where frequency > 0 && term < statistics.frequencies.count {
            let weight = weight(passages: statistics.passages, frequency: statistics.frequencies[term])
            sum += weight * share(Float(frequency), norm: norm)
        }
        return sum
    }

    /// The weight of a term that `frequency` of `passages` have; above 0.
    static func weight(passages: Int, frequency: Int) -> Float {
        // A passage may be counted among those with a term a moment before it is counted as a passage.
        let (passages, frequency) = (Double(max(passages, frequency)), Double(frequency))
        return Float(log(1 + (passages - frequency + 0.5) / (frequency + 0.5)))
    }

    static func averageLength(_ statistics: WordStatistics) -> Float {
        max(1, Float(statistics.tokens) / Float(max(1, statistics.passages)))
    }

    static func norm(length: Int, averageLength: Float) -> Float { k1 * (1 - b + b * Float(length) / averageLength) }

    /// The share of a term's weight that a passage gets which has it `frequency` times; grows with it, below 1.
    static func share(_ frequency: Float, norm: Float) -> Float { frequency / (frequency + norm) }
}
