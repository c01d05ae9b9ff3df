/// Why an answer ended.
public enum AnswerEnd: String, Sendable, CaseIterable {
    /// An end token was chosen, or a stop string appeared.
    case stop
    /// The token limit was reached.
    case length
}
