internal import Core
internal import Storage

/// Words questions from passages, for the calibration of an index whose users' questions nobody has given.
///
/// A passage's own vector would be a bad question: key states and query states are made by different weights, and their
/// neighbours lie in other lists. What the model makes of a passage's first sentence in the question template needs about as
/// many lists as real questions do, or somewhat more.
enum SamplePrompts {
    /// At most `count` questions from passages that stand evenly over the partition; the same ones every time.
    ///
    /// Their words are every third one of the sentence: whoever asks does not quote the passage, and an index of words that was
    /// asked for whole sentences would look infallible. Questions of SQuAD and Natural Questions share 4.1 and 3.5 terms with
    /// the passage that answers them; a first sentence of those passages has 13, every third word of it 4.4.
    static func questions(of partition: Partition, count: Int) throws(ImpRAGError) -> [SampleQuestion] {
        let count = min(partition.rowLimit, count)
        let rows = (0..<count).map { $0 * partition.rowLimit / count }
        return try partition.passages(rows: rows).compactMap { passage in
            passage.map { passage in
                let sentence = passage.firstSentence
                let words = sentence.split(separator: " ").enumerated().filter { $0.offset % 3 == 0 }.map(\.element)
                return SampleQuestion(
                    prompt: Question.prompt(sentence + "?"), words: words.joined(separator: " "), passages: [passage.id]
                )
            }
        }
    }
}
