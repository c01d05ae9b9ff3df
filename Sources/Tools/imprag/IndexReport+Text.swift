import Core
import Indexing
import VectorIndex

extension IndexReport {
    /// A few lines for humans.
    ///
    /// - Parameter gemmShare: the share of the run's thread time spent in matrix products.
    func text(directory: String, gemmShare: Double) -> String {
        let perPartition = passagesPerPartition.map(String.init).joined(separator: " + ")
        let what = part.map { "part \($0) of \(directory)" } ?? directory
        guard !wasComplete else {
            return
                ([
                    "\(what) is already complete: \(passages) passages in \(passagesPerPartition.count) partitions (\(perPartition))"
                ]
                + (states.map { [$0.text] } ?? [])).joined(separator: "\n")
        }
        func plural(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
        var lines = [
            (part.map { "part \($0): " } ?? "")
                + "\(plural(passages, "passage")) in \(plural(passagesPerPartition.count, "partition")) (\(perPartition)) of "
                + "\(plural(documents, "document")); \(plural(duplicates, "duplicate")) (the last one counts), "
                + "\(plural(badLines.count, "bad line"))"
        ]
        if embedded == 0 {
            lines.append("complete after \(fixed(seconds, 1)) s, without embedding any")
        } else {
            lines.append(
                "\(embedded) embedded in \(fixed(seconds, 1)) s: \(fixed(passagesPerSecond, 0)) passages/s; "
                    + "\(fixed(100 * embeddingSeconds / max(seconds, 1e-9), 0)) % of the time in the model, "
                    + "\(fixed(100 * gemmShare, 0)) % in matrix products")
        }
        if cut > 0 {
            lines.append(
                "\(plural(cut, "passage")) of these \(cut == 1 ? "has" : "have") more tokens than the model reads of one, so "
                    + "searches miss what their ends say; --words makes shorter ones")
        }
        if otherFiles > 0 { lines.append("\(plural(otherFiles, "file")) other than .txt and .md not read") }
        if let calibrated {
            lines.append(
                "vector index calibrated with \(calibrated.queries) \(calibrated.source.words): "
                    + "recall@10 \(fixed(calibrated.recall, 3))")
        }
        if let words { lines.append(words.text) }
        if let states { lines.append(states.text) }
        lines += badLines.examples.map { "  bad: " + $0 }
        if part != nil { lines.append("when all parts are complete, `imprag merge` makes the index of them") }
        return lines.joined(separator: "\n")
    }
}

extension IndexReport.Words {
    /// A line for a person.
    var text: String {
        "words count \(fixed(weight, 1)) beside vectors, by \(questions) questions \(areGiven ? "given" : "made from passages"): "
            + "recall@10 vectors \(fixed(byVectors, 3)), words \(fixed(byWords, 3)), joined \(fixed(joined, 3))"
    }
}

extension IndexReport.States {
    /// A line for a person.
    var text: String {
        let rate =
            computed > 0
            ? " in \(fixed(seconds, 1)) s: \(fixed(Double(computed) / max(seconds, 1e-9), 0)) passages/s" : ""
        return "\(stored) of \(passages) passages have stored states, \(ByteCount(bytes)); \(computed) computed\(rate)"
            + (isFull ? "; the state budget is full" : "")
    }
}
