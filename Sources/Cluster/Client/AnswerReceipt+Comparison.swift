internal import Core
internal import Wire

extension AnswerReceipt {
    /// What is not the same in `other`, an answer to the same request, a sentence each; empty when every bit of
    /// passages, scores and answer is.
    ///
    /// - Parameter others: passages further down in the list that `other` was made from, to tell what became of those
    ///   that are missing.
    public func differences(from other: AnswerReceipt, others: [Source] = []) -> [String] {
        guard record.fingerprint == other.record.fingerprint else {
            return [
                "the model is gone: the receipt's is \(record.fingerprint), the cluster runs \(other.record.fingerprint)"
            ]
        }
        let passages = passageDifferences(from: other, others)
        let found = passages.lines + (passages.isOfOthers ? [Self.notComputed] : answerDifferences(from: other))
        guard !found.isEmpty else { return [] }
        return [otherCollection(than: other)].compactMap { $0 } + found + reasons(other)
    }

    private static let notComputed =
        "the receipt's answer is not computed again: what it was read from is not there as it was"

    /// That `other` is of another collection, which a copy of the receipt's is, too; nil: it is of the same one.
    public func otherCollection(than other: AnswerReceipt) -> String? {
        guard !record.collectionID.isEmpty, record.collectionID != other.record.collectionID else { return nil }
        let name = record.collectionName.isEmpty ? "" : " (\(record.collectionName))"
        return "the receipt's collection is \(record.collectionID)\(name), and the cluster serves "
            + "\(other.record.collectionID.isEmpty ? "one without a name" : other.record.collectionID)"
    }

    /// - Returns: a sentence each, and whether a passage is gone or says something else.
    private func passageDifferences(
        from other: AnswerReceipt, _ others: [Source]
    ) -> (lines: [String], isOfOthers: Bool) {
        let now = Dictionary(other.passages.enumerated().map { ($0.element.id, $0) }) { first, _ in first }
        let later = Dictionary(others.map { ($0.id, $0) }) { first, _ in first }
        var (lines, isOfOthers): ([String], Bool) = ([], false)
        for (rank, source) in passages.enumerated() {
            if let (place, found) = now[source.id] {
                if found.digest != source.digest {
                    isOfOthers = true
                    lines.append("passage \(source.id) has changed: its title or text is another one")
                } else if found != source {
                    lines.append("passage \(source.id) has the score \(found.score), not \(source.score)")
                } else if place != rank {
                    lines.append("passage \(source.id) has the rank \(place + 1), not \(rank + 1)")
                }
            } else if let found = later[source.id] {
                isOfOthers = isOfOthers || found.digest != source.digest
                lines.append(
                    found.digest == source.digest
                        ? "passage \(source.id) is still there, but others come before it"
                        : "passage \(source.id) has changed: its title or text is another one")
            } else {
                isOfOthers = true
                lines.append("passage \(source.id) is gone: deleted, or changed so that it is not found any more")
            }
        }
        let known = Set(passages.map(\.id))
        for (rank, source) in other.passages.enumerated() where !known.contains(source.id) {
            lines.append("passage \(source.id) is new, at rank \(rank + 1)")
        }
        return (lines, isOfOthers)
    }

    private func answerDifferences(from other: AnswerReceipt) -> [String] {
        var lines: [String] = []
        if tokens != other.tokens {
            let same = zip(tokens, other.tokens).prefix { $0 == $1 }.count
            lines.append(
                other.tokens.count == tokens.count
                    ? "the answer has other tokens; the first \(same) of \(tokens.count) are the same"
                    : "the answer has \(other.tokens.count) tokens, not \(tokens.count); the first \(same) are the same"
            )
        } else if Array(answer.utf8) != Array(other.answer.utf8) {
            lines.append("the same tokens have another text")
        }
        if end != other.end { lines.append("the answer ends with \(other.end.rawValue), not \(end.rawValue)") }
        if attention.map(\.bitPattern) != other.attention.map(\.bitPattern) {
            lines.append("the passages got other attention")
        }
        if abstention?.reason != other.abstention?.reason {
            func words(_ abstention: Abstention?) -> String {
                abstention.map { "refused for \($0.reason.rawValue)" } ?? "given"
            }
            lines.append("the answer is \(words(other.abstention)), not \(words(abstention))")
        }
        return lines
    }

    /// What may be why.
    private func reasons(_ other: AnswerReceipt) -> [String] {
        var lines: [String] = []
        let before = Dictionary(record.partitions.map { ($0.partition, $0.epoch) }) { first, _ in first }
        let behind = other.record.partitions.compactMap { figures in
            before[figures.partition].map { figures.epoch - $0 }
        }
        if let most = behind.max(), most > 0 {
            let epochs = most == 1 ? "epoch" : "epochs"
            lines.append("the index has \(most) later \(epochs): the receipt's answer is of epoch \(epoch)")
        }
        func compare(_ node: String, _ mine: Arithmetic, _ theirs: Arithmetic) {
            func words(_ node: Arithmetic) -> String { "\(node.compute) on \(node.kernels), version \(node.build)" }
            if mine != theirs { lines.append("the \(node) computes in \(words(theirs)), and did in \(words(mine))") }
        }
        compare("coordinator", record.coordinator, other.record.coordinator)
        if let mine = record.generator, let theirs = other.record.generator { compare("generator", mine, theirs) }
        return lines
    }
}
