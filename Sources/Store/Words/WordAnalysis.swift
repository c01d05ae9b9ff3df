/// How texts become terms: fixed when an index is made, so that questions and passages always agree.
///
/// Common to all: words as Unicode bounds them, without case and accents.
public enum WordAnalysis: String, Sendable, Codable, CaseIterable {
    /// English, as Lucene's analyzer and with it Pyserini's: possessive 's is cut off, stop words are dropped, and the Porter stemmer
    /// (Porter, "An algorithm for suffix stripping", 1980) runs over the rest.
    case english
    /// Any language: every word as it is.
    case plain

    /// Grows whenever the same text would give other terms than before: an index made with another goes unused.
    package static let version = 1

    /// Lucene's English stop words.
    static let stopWords: Set<[UInt8]> = Set(
        """
        a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was \
        will with
        """.split(separator: " ").map { Array($0.utf8) })
}
