/// What happened to a messenger's messages since it was made.
public struct MessagingCounters: Sendable, Hashable {
    /// Requests handed to a handler.
    public var requests = 0
    /// Messages that are no valid request of this protocol version: answered `invalid_argument` or dropped.
    public var malformed = 0
    /// Requests on connections whose key was revoked.
    public var unauthenticated = 0
    /// Requests refused because too many were in flight.
    public var refused = 0
    /// Requests whose deadline passed before their last reply.
    public var expired = 0
    /// Requests that their client cancelled.
    public var cancelled = 0
    /// Requests whose client went away, or did not read its replies.
    public var abandoned = 0
    /// Replies to calls that nobody waits for any more.
    public var lateReplies = 0
    /// Requests and replies that arrived a second time.
    public var doubled = 0

    public init() {}
}
