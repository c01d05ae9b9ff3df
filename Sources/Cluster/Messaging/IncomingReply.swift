public import Core
public import Wire

/// One reply to a call.
public struct IncomingReply: Sendable {
    public let body: Reply
    public let tensors: [Tensor]
    public let fingerprint: Fingerprint?
    /// The name of the node that answered.
    public let node: String
}
