/// The bounds of everything that a messenger queues or reads. Full means `resourceExhausted`.
public struct MessagingLimits: Sendable {
    /// Larger envelopes are refused. Decoding one takes at most 16 times its size, for a moment.
    public var envelopeBytes = 8 << 20
    /// The same for replies, which come from nodes that this one chose to call.
    public var replyEnvelopeBytes = 64 << 20
    /// Envelopes up to this size are decoded on the I/O thread; larger ones go to the decoding thread, so that other
    /// clients' small requests and replies do not wait behind them.
    public var inlineEnvelopeBytes = 64 << 10
    /// All requests that wait to be decoded, together; beyond it they are refused.
    public var decodingBytes = 128 << 20
    /// The same for one client.
    public var decodingBytesPerClient = 32 << 20
    /// A larger frame closes its connection, with everything in flight on it: well above `envelopeBytes`, so that an
    /// envelope that is too large still gets an answer.
    public var frameBytes = 512 << 20
    /// All frames of one request together; frames beyond it are dropped, and the request is refused.
    public var requestBytes = 512 << 20
    /// Requests that this node works on at the same time.
    public var requests = 4096
    /// Calls in flight to one peer.
    public var calls = 65_536
    /// Messages that wait for the I/O thread.
    public var queuedMessages = 65_536
    /// The bytes of those messages.
    public var queuedBytes = 1 << 30
    /// Messages that wait for one connection, in each direction.
    public var messagesPerConnection: Int32 = 4096
    /// Replies of one call that its consumer has not taken yet.
    public var bufferedReplies = 65_536
    /// Deadlines further away are cut to it. A day, as much as a coordinator may allow: it passes on what is left.
    public var deadlineMilliseconds = 86_400_000
    /// How long calls wait for the first connection; afterwards they fail at once.
    public var connectMilliseconds = 2000
    /// Whether they also wait while nobody listens there; false: they fail as soon as a connection is refused.
    public var waitsForListener = true

    public init() {}
}
