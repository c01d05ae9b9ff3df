public import Core
internal import Wire

/// The replies to one call, in order. Consumed by one task.
///
/// Dropping it before its end, or cancelling the task that waits in `next`, tells the peer to stop.
public final class ReplyStream: AsyncSequence, Sendable {
    public typealias Element = IncomingReply
    public typealias Failure = ImpRAGError

    private let call: Call
    private let replies: ReplyBuffer
    private let peer: Peer

    init(_ call: Call, replies: ReplyBuffer, cancels peer: Peer) {
        self.call = call
        self.replies = replies
        self.peer = peer
    }

    deinit {
        cancel()
    }

    /// Tells the peer to stop; `next` throws `cancelled` after the replies received so far.
    public func cancel() { peer.cancel(call) }

    /// The next reply, or nil after the last.
    ///
    /// - Throws: what the peer reported (its cause is a `RemoteFailure`), `deadlineExceeded` and `unavailable` naming
    ///   the peer, `cancelled`, `resourceExhausted` when too many replies were left untaken.
    public func next() async throws(ImpRAGError) -> IncomingReply? {
        let outcome = await withTaskCancellationHandler {
            await replies.next()
        } onCancel: {
            cancel()
        }
        return try outcome.get()
    }

    public struct Iterator: AsyncIteratorProtocol {
        let stream: ReplyStream

        public mutating func next() async throws(ImpRAGError) -> IncomingReply? {
            try await stream.next()
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }
}
