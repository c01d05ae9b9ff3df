public import Core
import Synchronization

/// A number of bytes that requests in flight share: what is held may be less than the sum of all wishes, never more.
public final class ByteBudget: Sendable {
    public let limit: ByteCount
    private let remedy: String
    private let used = Mutex(0)

    /// - Parameter remedy: what helps a request that is larger than the whole budget, as in "raise max_state_memory".
    public init(limit: ByteCount, remedy: String) {
        self.limit = limit
        self.remedy = remedy
    }

    /// Takes `size` until `release`. Throws `resourceExhausted` when it does not fit now.
    public func reserve(_ size: ByteCount, for what: String) throws(ImpRAGError) {
        let taken = used.withLock { used -> Bool in
            guard size.bytes <= limit.bytes - used else { return false }
            used += size.bytes
            return true
        }
        guard taken else {
            throw ImpRAGError(
                .resourceExhausted,
                "\(what) needs \(size), but requests in flight share \(limit), of which \(ByteCount(usedBytes)) are taken; "
                    + (size > limit ? remedy : "try again later"))
        }
    }

    public func release(_ size: ByteCount) {
        used.withLock { $0 -= size.bytes }
    }

    public var usedBytes: Int { used.withLock { $0 } }
}
