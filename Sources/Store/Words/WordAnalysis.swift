/// An analyzer, fixed when an index is made, so that questions and passages are always analyzed alike.
///
/// All of them segment words as Unicode does, and fold case and accents.
public enum WordAnalysis: String, Sendable, Codable, CaseIterable {
    /// English, as in Lucene and Pyserini: strips possessive 's, drops stop words, and applies the Porter stemmer
    /// (Porter, "An algorithm for suffix stripping", 1980).
    case english
    /// Any language: words are not stemmed, and none is dropped.
    case plain

    /// Incremented whenever the same text would give other terms: an index of another version is not used.
    package static let version = 1

    /// Lucene's English stop words.
    static let stopWords: Set<[UInt8]> = Set(
        """
        a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was \
        will with
        """.split(separator: " ").map { Array($0.utf8) })
}
