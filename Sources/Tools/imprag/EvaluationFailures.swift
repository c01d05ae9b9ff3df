import Core

/// Questions of `imprag eval` that could not be asked: each is named, and the others are asked all the same.
struct EvaluationFailures {
    /// Gives up after this many in a row.
    static let limitInARow = 10

    private(set) var count = 0
    private var inARow = 0
    private var last: ImpRAGError?

    /// Whether the rest is not worth trying.
    var isHopeless: Bool { inARow >= Self.limitInARow }

    mutating func succeeded() { inARow = 0 }

    /// - Parameter question: as in `questions.jsonl:17: question 'q17'`.
    mutating func add(_ error: ImpRAGError, _ question: String) {
        (count, inARow, last) = (count + 1, inARow + 1, error)
        if count <= Self.limitInARow { printError("\(question) failed: \(error)") }
    }

    /// Throws the last failure, if there was one.
    ///
    /// - Parameter asked: how many of the `total` were tried.
    func throwLast(asked: Int, total: Int) throws(ImpRAGError) {
        guard let last else { return }
        let rest = total - asked
        throw ImpRAGError(
            last.code,
            "\(count) of \(asked) questions failed and count as wrong"
                + (rest > 0 ? "; the last \(Self.limitInARow) did in a row, so the other \(rest) were not asked" : ""))
    }
}
