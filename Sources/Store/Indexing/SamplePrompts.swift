internal import Core
internal import Storage

/// Generates questions from passages, to calibrate an index without its users' questions.
///
/// A passage's own vector would be a poor query: keys and queries come from different weights, and their neighbours lie
/// in other lists. The model's query vector of a passage's first sentence, in the question template, needs about as
/// many lists as real questions do, or somewhat more.
enum SamplePrompts {
    /// At most `count` questions, from passages spread evenly over the partition. Deterministic.
    ///
    /// Only every third word of the sentence is searched for: people do not quote the passage that they look for, and
    /// with whole sentences a lexical index would look infallible. Questions of SQuAD and Natural Questions share 4.1
    /// and 3.5 terms with the passage that answers them; those passages' first sentences have 13 terms, every third
    /// word of them 4.4.
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
