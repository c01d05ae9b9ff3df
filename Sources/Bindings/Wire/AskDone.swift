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
    /// Why there is no answer; nil when there is one.
    public var abstention: Abstention?
    /// What it was made with; nil from a coordinator of a version without that.
    public var record: AskRecord?
    /// With `record.abstains`: what could not be checked; empty when everything was.
    public var abstainNotice: String

    public init(
        end: AnswerEnd, passageAttention: [Float], promptTokenCount: Int, generatedTokenCount: Int, timings: Timings,
        completeness: Completeness, proposedTokenCount: Int = 0, acceptedTokenCount: Int = 0,
        abstention: Abstention? = nil, record: AskRecord? = nil, abstainNotice: String = ""
    ) {
        self.end = end
        self.passageAttention = passageAttention
        self.promptTokenCount = promptTokenCount
        self.generatedTokenCount = generatedTokenCount
        self.timings = timings
        self.completeness = completeness
        self.proposedTokenCount = proposedTokenCount
        self.acceptedTokenCount = acceptedTokenCount
        self.abstention = abstention
        self.record = record
        self.abstainNotice = abstainNotice
    }
}

extension AskDone: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__AskDone>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let isRefused = unsafe stored.abstained != IMPRAG__ABSTAIN_REASON__ABSTAIN_REASON_UNSPECIFIED
        let reason = isRefused ? try unsafe AbstainReason(stored: stored.abstained, "ask_done.abstained") : nil
        let why = try unsafe checkedText(stored.why, "ask_done.why")
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
            acceptedTokenCount: Int(unsafe stored.accepted_tokens),
            abstention: reason.map { Abstention($0, why) }, record: try unsafe optionalSubmessage(stored.record),
            abstainNotice: try unsafe checkedText(stored.abstain_notice, "ask_done.abstain_notice"))
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
        if let abstention {
            unsafe stored.pointee.abstained = abstention.reason.stored
            unsafe stored.pointee.why = arena.bytes(of: abstention.why)
        }
        unsafe stored.pointee.record = record?.store(in: arena)
        unsafe stored.pointee.abstain_notice = arena.bytes(of: abstainNotice)
        return unsafe stored
    }
}
