import CWire
public import Core

/// The end of an answer.
public struct AskDone: Hashable, Sendable {
    public var end: AnswerEnd
    /// Attention mass of each passage, in rank order.
    public var passageAttention: [Float]
    public var promptTokenCount: Int
    public var generatedTokenCount: Int
    public var timings: Timings
    public var completeness: Completeness
    /// Tokens that passes verified ahead of time.
    public var proposedTokenCount: Int
    /// Those of them that were right: each saved a pass.
    public var acceptedTokenCount: Int

    public init(
        end: AnswerEnd, passageAttention: [Float], promptTokenCount: Int, generatedTokenCount: Int, timings: Timings,
        completeness: Completeness, proposedTokenCount: Int = 0, acceptedTokenCount: Int = 0
    ) {
        self.end = end
        self.passageAttention = passageAttention
        self.promptTokenCount = promptTokenCount
        self.generatedTokenCount = generatedTokenCount
        self.timings = timings
        self.completeness = completeness
        self.proposedTokenCount = proposedTokenCount
        self.acceptedTokenCount = acceptedTokenCount
    }
}

extension AskDone: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__AskDone>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            end: try unsafe AnswerEnd(stored: stored.finish, "ask_done.finish"),
            passageAttention: try unsafe numbers(
                stored.passage_attention, stored.n_passage_attention, limit: WireLimit.passages,
                "ask_done.passage_attention"),
            promptTokenCount: Int(unsafe stored.prompt_tokens),
            generatedTokenCount: Int(unsafe stored.generated_tokens),
            timings: try unsafe submessage(stored.timings, orDefault: Timings()),
            completeness: try unsafe submessage(stored.completeness, "ask_done.completeness"),
            proposedTokenCount: Int(unsafe stored.proposed_tokens),
            acceptedTokenCount: Int(unsafe stored.accepted_tokens))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__AskDone> {
        let stored = unsafe arena.make(imprag__ask_done__init)
        unsafe stored.pointee.finish = end.stored
        unsafe stored.pointee.n_passage_attention = passageAttention.count
        unsafe stored.pointee.passage_attention = arena.array(passageAttention)
        unsafe stored.pointee.prompt_tokens = UInt32(clamping: promptTokenCount)
        unsafe stored.pointee.generated_tokens = UInt32(clamping: generatedTokenCount)
        unsafe stored.pointee.timings = timings.store(in: arena)
        unsafe stored.pointee.completeness = completeness.store(in: arena)
        unsafe stored.pointee.proposed_tokens = UInt32(clamping: proposedTokenCount)
        unsafe stored.pointee.accepted_tokens = UInt32(clamping: acceptedTokenCount)
        return unsafe stored
    }
}
