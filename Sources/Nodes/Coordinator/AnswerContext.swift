import Core
import Wire

/// What answers are made in, beyond what a request says.
struct AnswerContext: Sendable {
    var fingerprint: Fingerprint
    /// The coordinator's.
    var arithmetic: Arithmetic
    /// Nil when nothing is known of it.
    var collection: CollectionFacts?
}

/// What a coordinator knows of the collection that it serves.
struct CollectionFacts: Sendable, Equatable {
    /// 32 hexadecimal digits.
    var id: String
    /// Empty where it has none.
    var name: String
    /// Below what answers over it are refused.
    var certainty: [CertaintyThresholds]
}
