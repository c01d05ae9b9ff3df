import CWire

/// Embedded texts.
///
/// Tensor 0: float32 `[texts × dimension]`, in the texts' order, not normalised.
public struct EmbedReply: Hashable, Sendable {
    /// Of each text, how many tokens the model has read, the first of a sequence included.
    public var tokenCounts: [Int]
    /// Of each text, whether it is a passage that has more tokens than the model reads.
    public var cuts: [Bool]

    public init(tokenCounts: [Int], cuts: [Bool]) {
        self.tokenCounts = tokenCounts
        self.cuts = cuts
    }
}

extension EmbedReply: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__EmbedReply>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let tokens = try unsafe numbers(
            stored.tokens, stored.n_tokens, limit: EmbedRequest.textLimit, "embed_reply.tokens")
        let cuts = try unsafe numbers(stored.cut, stored.n_cut, limit: EmbedRequest.textLimit, "embed_reply.cut")
        guard tokens.count == cuts.count else {
            throw MalformedField("embed_reply is of \(tokens.count) texts by tokens, and of \(cuts.count) by cut")
        }
        self.init(tokenCounts: tokens.map(Int.init), cuts: cuts.map { $0 != 0 })
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__EmbedReply> {
        let stored = unsafe arena.make(imprag__embed_reply__init)
        unsafe stored.pointee.n_tokens = tokenCounts.count
        unsafe stored.pointee.tokens = arena.array(tokenCounts.map { UInt32(clamping: $0) })
        unsafe stored.pointee.n_cut = cuts.count
        unsafe stored.pointee.cut = arena.array(cuts.map { $0 ? 1 : 0 as protobuf_c_boolean })
        return unsafe stored
    }
}
