package import Core

/// A search's source of postings: a consistent snapshot.
package protocol WordSource {
    /// Lends the directories of `term` to `body`, in ascending order of rows, each with the key of its data.
    func directories(
        of term: [UInt8], _ body: (_ key: Int, _ directory: WordDirectory) -> Void
    ) throws(ImpRAGError)

    /// The data of the directory `key`.
    func data(of term: [UInt8], key: Int) throws(ImpRAGError) -> [UInt8]

    /// How many of the term's rows are dead.
    func dead(of term: [UInt8]) throws(ImpRAGError) -> Int

    /// The error to throw when the postings of `term` are damaged.
    func damaged(_ term: [UInt8]) -> ImpRAGError
}
