import CWire
import Core

extension AnswerToken: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__Token>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            text: try unsafe checkedText(stored.text, "token.text"),
            token: unsafe stored.token_presence_case == IMPRAG__TOKEN__TOKEN_PRESENCE_TOKEN ? unsafe stored.token : nil,
            logprob: unsafe stored.logprob,
            alternatives: try unsafe messages(
                stored.alternatives, stored.n_alternatives, limit: SamplingOptions.topLogprobsLimit + 1,
                "token.alternatives"),
            passageAttention: try unsafe numbers(
                stored.passage_attention, stored.n_passage_attention, limit: WireLimit.passages,
                "token.passage_attention"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__Token> {
        let stored = unsafe arena.make(imprag__token__init)
        unsafe stored.pointee.text = arena.bytes(of: text)
        if let token {
            unsafe stored.pointee.token_presence_case = IMPRAG__TOKEN__TOKEN_PRESENCE_TOKEN
            unsafe stored.pointee.token = token
        }
        unsafe stored.pointee.logprob = logprob
        unsafe stored.pointee.n_alternatives = alternatives.count
        unsafe stored.pointee.alternatives = arena.array(alternatives)
        unsafe stored.pointee.n_passage_attention = passageAttention.count
        unsafe stored.pointee.passage_attention = arena.array(passageAttention)
        return unsafe stored
    }
}
