import CWire

/// One decoding step, from the generator to the coordinator and from there to the client.
public struct AnswerToken: Hashable, Sendable {
    /// The text that became certain with this step; may be empty.
    public var text: String
    /// Nil in a last step that only releases text held back.
    public var token: Int32?
    /// Natural logarithm of its probability at temperature 1.
    public var logprob: Float

    public init(
        text: String, token: Int32?, logprob: Float
    ) {
        self.text = text
        self.token = token
        self.logprob = logprob
    }
}

extension AnswerToken: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__Token>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            text: try unsafe checkedText(stored.text, "token.text"),
            token: unsafe stored.token_presence_case == IMPRAG__TOKEN__TOKEN_PRESENCE_TOKEN ? unsafe stored.token : nil,
            logprob: unsafe stored.logprob)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__Token> {
        let stored = unsafe arena.make(imprag__token__init)
        unsafe stored.pointee.text = arena.bytes(of: text)
        if let token {
            unsafe stored.pointee.token_presence_case = IMPRAG__TOKEN__TOKEN_PRESENCE_TOKEN
            unsafe stored.pointee.token = token
        }
        unsafe stored.pointee.logprob = logprob
        return unsafe stored
    }
}
