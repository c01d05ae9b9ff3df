/// How the passages of one request are run through layers 0…t (DESIGN, section 2, "Reading").
public enum PassageEncoding: String, Sendable, CaseIterable, Codable {
    /// One sequence, positions 0…T−1, causal attention across all passages.
    case concatenated
    /// Positions as in `concatenated`, attention only inside each passage.
    case segmented
    /// Each passage alone, positions from 0: the only encoding whose states can be stored per passage.
    case independent
}
