/// The prompts that models are trained and tested with: what is asked about, between texts that are always the same
/// (DESIGN, section 2).
public enum PromptTemplate: Sendable, CaseIterable {
    /// Of a question.
    case question
    /// Of a statement that is true or not.
    case statement
    /// Of `entity [SEP] relation`.
    case relation
    /// Of a text with `[START] mention [END]` in it.
    case mention

    private static let marks = ["[START]", "[END]", "[SEP]"]

    private var frame: (before: String, after: String) {
        switch self {
        case .question: ("Q: ", " A:")
        case .statement: ("Is this statement true? ", " A:")
        case .relation:
            (
                "",
                " Provide the answer corresponding to the relation specified after [SEP] for the entity mentioned before "
                    + "[SEP] A:"
            )
        case .mention:
            (
                "",
                " Output the Wikipedia page title of the entity mentioned between [START] and [END] in the given text A:"
            )
        }
    }

    /// The prompt that asks about `input`, as the cases describe it.
    public func prompt(_ input: String) -> String { frame.before + input + frame.after }

    /// What `prompt` asks about, without marks, which are no words of it; nil when it is none of this template.
    func words(of prompt: String) -> String? {
        let (before, after) = frame
        let bytes = prompt.utf8
        guard bytes.count >= before.utf8.count + after.utf8.count, bytes.starts(with: before.utf8),
            bytes.reversed().starts(with: after.utf8.reversed())
        else { return nil }
        let input = String(prompt.utf8.dropFirst(before.utf8.count).dropLast(after.utf8.count)) ?? prompt
        guard self == .relation || self == .mention else { return input }
        return Self.marks.reduce(input) { $0.replacing($1, with: "") }
    }
}
