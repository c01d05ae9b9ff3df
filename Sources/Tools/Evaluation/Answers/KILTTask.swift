import Core

/// A task of KILT, called as its files are (`nq-dev-kilt.jsonl`).
public enum KILTTask: String, Sendable, CaseIterable {
    case nq
    case hotpotqa
    case triviaqa
    case fever
    case trex
    case structuredZeroshot = "structured_zeroshot"
    case aidayago2
    case wned
    case cweb

    /// A line's `input` in the paper's template (DESIGN, section 2).
    public func prompt(_ input: String) -> String {
        switch self {
        case .nq, .hotpotqa, .triviaqa: PromptTemplate.question.prompt(input)
        case .fever: PromptTemplate.statement.prompt(input)
        case .trex, .structuredZeroshot: PromptTemplate.relation.prompt(input)
        case .aidayago2, .wned, .cweb:
            // KILT marks the mention by other words than the template names.
            PromptTemplate.mention.prompt(
                input.replacing("[START_ENT]", with: "[START]").replacing("[END_ENT]", with: "[END]"))
        }
    }
}
