/// What a model reads, so that it is seen what its layers make of it: a text, or a prompt with its answer, and the
/// passages that it is answered from.
public struct Reading: Sendable {
    /// Each by itself, ids with BOS; in layers b…t the text attends to them.
    public let passages: [[Int32]]
    /// Ids with BOS.
    public let text: [Int32]
    /// k, which the text's positions follow from.
    public let requestedPassages: Int

    /// Without passages.
    public init(text: [Int32]) { self.init(text: text, passages: [], requestedPassages: 0) }

    public init(text: [Int32], passages: [[Int32]], requestedPassages: Int) {
        self.text = text
        self.passages = passages
        self.requestedPassages = requestedPassages
    }

    /// Of the text and its passages.
    public var tokenCount: Int { passages.reduce(text.count) { $0 + $1.count } }
}
