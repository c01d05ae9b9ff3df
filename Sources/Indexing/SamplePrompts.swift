internal import Core
internal import Evaluation
internal import PassageStore

/// Words questions from passages, for the calibration of an index whose users' questions nobody has given.
///
/// A passage's own vector would be a bad question: key states and query states are made by different weights, and their
/// neighbours lie in other lists. What the model makes of a passage's first sentence in the question template needs about as
/// many lists as real questions do, or somewhat more.
enum SamplePrompts {
    private static let wordLimit = 24

    /// At most `count` prompts from passages that stand evenly over the partition; the same ones every time.
    static func prompts(of partition: Partition, count: Int) throws(ImpRAGError) -> [String] {
        let count = min(partition.rowLimit, count)
        let rows = (0..<count).map { $0 * partition.rowLimit / count }
        return try partition.passages(rows: rows).compactMap { passage in
            passage.map { Question.prompt(firstSentence(of: $0) + "?") }
        }
    }

    /// Of the text, or of the title where there is no text; cut to what a question may be long.
    static func firstSentence(of passage: Passage) -> String {
        let text = passage.text.isEmpty ? passage.title : passage.text
        var words: [Substring] = []
        for word in text.split(whereSeparator: \.isWhitespace).prefix(wordLimit) {
            words.append(word)
            if let last = word.last, ".!?。！？".contains(last) { break }
        }
        return words.joined(separator: " ").trimmingSuffix { ".!?。！？".contains($0) }
    }
}

extension String {
    fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> String {
        guard let end = lastIndex(where: { !isTrimmed($0) }) else { return "" }
        return String(self[...end])
    }
}
