internal import Core
internal import Evaluation
internal import PassageStore

/// Words questions from passages, for the calibration of an index whose users' questions nobody has given.
///
/// A passage's own vector would be a bad question: key states and query states are made by different weights, and their
/// neighbours lie in other lists. What the model makes of a passage's first sentence in the question template needs about as
/// many lists as real questions do, or somewhat more.
enum SamplePrompts {
    /// At most `count` prompts from passages that stand evenly over the partition; the same ones every time.
    static func prompts(of partition: Partition, count: Int) throws(ImpRAGError) -> [String] {
        let count = min(partition.rowLimit, count)
        let rows = (0..<count).map { $0 * partition.rowLimit / count }
        return try partition.passages(rows: rows).compactMap { passage in
            passage.map { Question.prompt($0.firstSentence + "?") }
        }
    }
}
