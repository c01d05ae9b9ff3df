/// Decides whether a request of one kind gets an answer. Pure.
public struct AbstainRule: Sendable {
    private let words: WordsMode
    private let thresholds: CertaintyThresholds?
    /// What is not checked, and why, as a sentence; empty when everything is.
    public let notice: String

    /// - Parameters:
    ///   - words, encoding, k: as the request has them, with nothing left open.
    ///   - known: what is kept with the collection; nil when that cannot be told.
    ///   - fingerprint: the model that answers.
    public init(
        words: WordsMode, encoding: PassageEncoding, k: Int, known: [CertaintyThresholds]?, fingerprint: Fingerprint
    ) {
        self.words = words
        let wanted = CertaintyThresholds(
            fingerprint: fingerprint.description, words: words, encoding: encoding, k: k, questions: 0)
        let all = known ?? []
        thresholds = all.first { $0.isFor(sameAs: wanted) }
        guard thresholds == nil, k > 0 else {
            notice = ""
            return
        }
        let kind = "words \(words), \(encoding) encoding and k = \(k)"
        let others = all.filter { $0.fingerprint == wanted.fingerprint }.map {
            "words \($0.words), \($0.encoding) encoding and k = \($0.k)"
        }
        let reason =
            if known == nil {
                "the collection's thresholds are not known: the cluster file names no index, or it cannot be read"
            } else if all.isEmpty {
                "the collection has no thresholds (`imprag eval --calibrate` measures them)"
            } else if others.isEmpty {
                "the collection's thresholds are of another model"
            } else {
                "the collection's thresholds are for \(others.joined(separator: "; ")), not for \(kind)"
            }
        notice = "\(reason): only no_context and partial_index are checked"
    }

    /// What is known before an answer begins.
    ///
    /// - Parameters:
    ///   - passages: what the model would read.
    ///   - missing: shards that did not answer.
    public func before(_ passages: [ScoredPassage], missing: [String]) -> Abstention? {
        guard missing.isEmpty else {
            let verb = missing.count == 1 ? "does" : "do"
            return Abstention(
                .partialIndex, "\(missing.joined(separator: ", ")) \(verb) not answer: what is right may lie there")
        }
        guard !passages.isEmpty else { return Abstention(.noContext, "there is no passage to answer from") }
        let signals = CertaintySignals(passages, words: words)
        guard let thresholds, thresholds.isLow(signals) else { return nil }
        let lists = [
            ("vector", signals.vectorScore, thresholds.vectorScore),
            ("words", signals.wordsScore, thresholds.wordsScore),
        ]
        let parts = lists.compactMap { name, best, least in
            least.map { "by \(name) \(best?.description ?? "none") of at least \($0)" }
        }
        return Abstention(.lowScore, "the best score is too low: \(parts.joined(separator: ", "))")
    }

    /// What is known once the answer has ended.
    ///
    /// - Parameter attention: the mass of each passage.
    public func after(attention: [Float]) -> Abstention? {
        let signals = CertaintySignals([], words: words, attention: attention)
        guard let thresholds, let mass = signals.passageMass, let least = thresholds.passageMass,
            thresholds.isUnsupported(signals)
        else { return nil }
        return Abstention(
            .unsupported, "the passages got \(mass) of the attention; at least \(least) was to be expected")
    }
}
