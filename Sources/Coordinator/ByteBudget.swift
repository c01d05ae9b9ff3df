import Core
import Synchronization

/// A number of bytes that requests in flight share: what is held may be less than the sum of all wishes, never more.
final class ByteBudget: Sendable {
    let limit: ByteCount
    private let used = Mutex(0)

    init(limit: ByteCount) {
        self.limit = limit
    }

    /// Takes `size` until `release`. Throws `resourceExhausted` when it does not fit now.
    func reserve(_ size: ByteCount, for what: String) throws(ImpRAGError) {
        let taken = used.withLock { used -> Bool in
            guard size.bytes <= limit.bytes - used else { return false }
            used += size.bytes
            return true
        }
        guard taken else {
            throw ImpRAGError(
                .resourceExhausted,
                "\(what) needs \(size), but requests in flight share \(limit), of which \(ByteCount(usedBytes)) are taken; "
                    + (size > limit ? "raise max_state_memory" : "try again later"))
        }
    }

    func release(_ size: ByteCount) {
        used.withLock { $0 -= size.bytes }
    }

    var usedBytes: Int { used.withLock { $0 } }
}
