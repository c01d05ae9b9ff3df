package import Core

/// Where a search finds postings. What it gives is of one moment.
package protocol WordSource {
    /// Lends the directories of `term` to `body` in ascending order of rows, each with what names its data.
    func directories(
        of term: [UInt8], _ body: (_ key: Int, _ directory: WordDirectory) -> Void
    ) throws(ImpRAGError)

    /// The data of the directory `key`.
    func data(of term: [UInt8], key: Int) throws(ImpRAGError) -> [UInt8]

    /// How many of the term's rows are dead.
    func dead(of term: [UInt8]) throws(ImpRAGError) -> Int

    /// What is wrong with the postings of `term`, for the caller to throw.
    func damaged(_ term: [UInt8]) -> ImpRAGError
}
