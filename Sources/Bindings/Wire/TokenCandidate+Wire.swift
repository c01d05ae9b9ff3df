import CWire
import Core

extension TokenCandidate: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__TokenCandidate>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            token: unsafe stored.token, bytes: unsafe byteArray(stored.text), logprob: unsafe stored.logprob)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__TokenCandidate> {
        let stored = unsafe arena.make(imprag__token_candidate__init)
        unsafe stored.pointee.token = token
        unsafe stored.pointee.text = arena.bytes(of: bytes)
        unsafe stored.pointee.logprob = logprob
        return unsafe stored
    }
}
