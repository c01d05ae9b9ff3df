import CWire
public import Core

/// The end of a generation.
public struct GenerateDone: Hashable, Sendable {
    public var end: AnswerEnd
    /// Attention mass of each passage, in rank order.
    public var passageAttention: [Float]
    public var generatedTokenCount: Int
    /// Measured from the arrival at the generator.
    public var timings: Timings
    /// Tokens that passes verified ahead of time.
    public var proposedTokenCount: Int
    /// Those of them that were right: each saved a pass.
    public var acceptedTokenCount: Int
    /// What the generator computes with; nil when it does not say.
    public var arithmetic: Arithmetic?

    public init(
        end: AnswerEnd, passageAttention: [Float], generatedTokenCount: Int, timings: Timings,
        proposedTokenCount: Int = 0, acceptedTokenCount: Int = 0, arithmetic: Arithmetic? = nil
    ) {
        self.end = end
        self.passageAttention = passageAttention
        self.generatedTokenCount = generatedTokenCount
        self.timings = timings
        self.proposedTokenCount = proposedTokenCount
        self.acceptedTokenCount = acceptedTokenCount
        self.arithmetic = arithmetic
    }
}

extension GenerateDone: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__GenerateDone>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            end: try unsafe AnswerEnd(stored: stored.finish, "generate_done.finish"),
            passageAttention: try unsafe numbers(
                stored.passage_attention, stored.n_passage_attention, limit: WireLimit.passages,
                "generate_done.passage_attention"),
            generatedTokenCount: Int(unsafe stored.generated_tokens),
            timings: try unsafe submessage(stored.timings, orDefault: Timings()),
            proposedTokenCount: Int(unsafe stored.proposed_tokens),
            acceptedTokenCount: Int(unsafe stored.accepted_tokens),
            arithmetic: try unsafe optionalSubmessage(stored.arithmetic))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__GenerateDone> {
        let stored = unsafe arena.make(imprag__generate_done__init)
        unsafe stored.pointee.finish = end.stored
        unsafe stored.pointee.n_passage_attention = passageAttention.count
        unsafe stored.pointee.passage_attention = arena.array(passageAttention)
        unsafe stored.pointee.generated_tokens = UInt32(clamping: generatedTokenCount)
        unsafe stored.pointee.timings = timings.store(in: arena)
        unsafe stored.pointee.proposed_tokens = UInt32(clamping: proposedTokenCount)
        unsafe stored.pointee.accepted_tokens = UInt32(clamping: acceptedTokenCount)
        unsafe stored.pointee.arithmetic = arithmetic?.store(in: arena)
        return unsafe stored
    }
}
