import CWire
import Core

extension SamplingOptions: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__Sampling>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            temperature: unsafe stored.temperature,
            topP: unsafe stored.top_p_presence_case == IMPRAG__SAMPLING__TOP_P_PRESENCE_TOP_P
                ? unsafe stored.top_p : nil,
            topK: Int(unsafe stored.top_k),
            seed: unsafe stored.seed_presence_case == IMPRAG__SAMPLING__SEED_PRESENCE_SEED ? unsafe stored.seed : nil,
            stop: try unsafe texts(stored.stop, stored.n_stop, limit: WireLimit.stopStrings, "sampling.stop"),
            maxTokens: unsafe stored.max_tokens_presence_case == IMPRAG__SAMPLING__MAX_TOKENS_PRESENCE_MAX_TOKENS
                ? Int(unsafe stored.max_tokens) : nil)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__Sampling> {
        let stored = unsafe arena.make(imprag__sampling__init)
        unsafe stored.pointee.temperature = temperature
        if let topP {
            unsafe stored.pointee.top_p_presence_case = IMPRAG__SAMPLING__TOP_P_PRESENCE_TOP_P
            unsafe stored.pointee.top_p = topP
        }
        unsafe stored.pointee.top_k = UInt32(clamping: topK)
        if let seed {
            unsafe stored.pointee.seed_presence_case = IMPRAG__SAMPLING__SEED_PRESENCE_SEED
            unsafe stored.pointee.seed = seed
        }
        unsafe stored.pointee.n_stop = stop.count
        unsafe stored.pointee.stop = arena.array(stop.map { unsafe arena.bytes(of: $0) })
        if let maxTokens {
            unsafe stored.pointee.max_tokens_presence_case = IMPRAG__SAMPLING__MAX_TOKENS_PRESENCE_MAX_TOKENS
            unsafe stored.pointee.max_tokens = UInt32(clamping: maxTokens)
        }
        return unsafe stored
    }
}
