public import Core
internal import Messaging
internal import Wire

/// An answer as it arrives. Consumed by one task; dropping it, or cancelling that task, stops the work on the cluster.
public final class AskStream: AsyncSequence, Sendable {
    public typealias Element = AskEvent
    public typealias Failure = ImpRAGError

    private let replies: CoordinatorReplies

    private let needsFilter: Bool
    private let needsWords: Bool
    private let needsReasons: Bool

    /// - Parameter request: what was asked; its filter must have been applied, its words searched for, and reasons to
    ///   abstain looked for.
    init(_ replies: CoordinatorReplies, to request: AskRequest) {
        self.replies = replies
        needsFilter = request.options.filter != nil
        needsWords = request.words.mode != .off
        needsReasons = request.abstains == true
    }

    /// Tells the cluster to stop; `next` then throws `cancelled`.
    public func cancel() {
        replies.cancel()
    }

    /// The next event, or nil after `done`.
    ///
    /// - Throws: what the cluster reported, `deadlineExceeded`, `unavailable`, `cancelled`; `failedPrecondition` for a
    ///   reply that does not belong here.
    public func next() async throws(ImpRAGError) -> AskEvent? {
        guard let reply = try await replies.next() else { return nil }
        switch reply.body {
        case .sources(let sources):
            guard sources.isFiltered || !needsFilter else {
                cancel()
                throw ClusterClient.unfiltered(reply)
            }
            guard sources.hasWords || !needsWords else {
                cancel()
                throw ClusterClient.wordless(reply)
            }
            return .sources(sources)
        case .token(let token): return .token(token)
        case .askDone(let done):
            guard done.record?.abstains == true || !needsReasons else { throw ClusterClient.answering(reply) }
            return .done(done)
        case .failure, .search, .status, .ping, .shardSearch, .generateDone, .upsert, .delete, .fetchStates,
            .storeStates, .apply, .embed:
            throw ClusterClient.unexpected(reply, for: "ask")
        }
    }

    public struct Iterator: AsyncIteratorProtocol {
        let stream: AskStream

        public mutating func next() async throws(ImpRAGError) -> AskEvent? {
            try await stream.next()
        }
    }

    public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }
}
