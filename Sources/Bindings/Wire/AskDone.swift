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

    public init(
        end: AnswerEnd, passageAttention: [Float], promptTokenCount: Int, generatedTokenCount: Int, timings: Timings,
        completeness: Completeness
    ) {
        self.end = end
        self.passageAttention = passageAttention
        self.promptTokenCount = promptTokenCount
        self.generatedTokenCount = generatedTokenCount
        self.timings = timings
        self.completeness = completeness
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
            completeness: try unsafe submessage(stored.completeness, "ask_done.completeness"))
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
        return unsafe stored
    }
}
