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
        case .nq, .hotpotqa, .triviaqa: "Q: \(input) A:"
        case .fever: "Is this statement true? \(input) A:"
        case .trex, .structuredZeroshot:
            // The input is `entity [SEP] relation`.
            "\(input) Provide the answer corresponding to the relation specified after [SEP] for the entity mentioned "
                + "before [SEP] A:"
        case .aidayago2, .wned, .cweb:
            // KILT marks the mention by other words than the template names.
            input.replacing("[START_ENT]", with: "[START]").replacing("[END_ENT]", with: "[END]")
                + " Output the Wikipedia page title of the entity mentioned between [START] and [END] in the given text A:"
        }
    }
}
