import Core

/// What answers are made in, beyond what a request says.
struct AnswerContext: Sendable {
    var fingerprint: Fingerprint
    /// As `AskRecord` has them.
    var compute = ""
    var kernels = ""
    var collection = CollectionFacts()
}

/// What a coordinator knows of the collection that it serves.
struct CollectionFacts: Sendable, Equatable {
    /// 32 hexadecimal digits; empty where it is not known.
    var id = ""
    /// Empty where it has none.
    var name = ""
    /// Below what answers over it are refused.
    var certainty: [CertaintyThresholds] = []
}
