/// The bounds of everything that a messenger queues or reads. Full means `resourceExhausted`.
public struct MessagingLimits: Sendable {
    /// Envelopes beyond it are refused. Reading one takes at most 16 times as much memory, for a moment.
    public var envelopeBytes = 8 << 20
    /// The same for replies, which come from nodes that this one chose to call.
    public var replyEnvelopeBytes = 64 << 20
    /// Envelopes up to it are read on the I/O thread; larger ones wait for the thread that decodes, so that small requests
    /// and replies of others do not wait behind them.
    public var inlineEnvelopeBytes = 64 << 10
    /// Of requests that wait to be decoded, all together; beyond it they are refused.
    public var decodingBytes = 128 << 20
    /// The same, of one client.
    public var decodingBytesPerClient = 32 << 20
    /// Larger frames end the connection that sends them, with everything that is under way on it: well above
    /// `envelopeBytes`, so that an envelope that is too large is answered.
    public var frameBytes = 512 << 20
    /// Of all frames of one request together; what comes beyond it is dropped, and the request refused.
    public var requestBytes = 512 << 20
    /// Requests that this node works on at the same time.
    public var requests = 4096
    /// Calls to one peer that wait for their end.
    public var calls = 65_536
    /// Messages that wait for the I/O thread.
    public var queuedMessages = 65_536
    /// Bytes of those messages.
    public var queuedBytes = 1 << 30
    /// Messages that wait for one connection, in each direction.
    public var messagesPerConnection: Int32 = 4096
    /// Replies of one call that its consumer has not taken yet.
    public var bufferedReplies = 65_536
    /// Deadlines further away are cut to it.
    public var deadlineMilliseconds = 3_600_000
    /// How long calls wait for a connection that has never stood; afterwards they fail at once.
    public var connectMilliseconds = 2000

    public init() {}
}
