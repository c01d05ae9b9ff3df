public import Core

/// Frame 0 of every message: who asks what, and how long they wait.
///
/// The bytes are the protobuf message `Envelope` of Protos/imprag.proto; raw tensor frames follow, one for each entry
/// of `tensors`.
public struct Envelope: Hashable, Sendable {
    /// A node refuses messages of any other version, naming both.
    public static let protocolVersion: UInt32 = 1

    public enum Body: Hashable, Sendable {
        case request(Request)
        case reply(Reply)
    }

    /// Chosen by the caller, unique among its calls in flight, not 0.
    public var requestID: UInt64
    /// Requests: how long the caller will still wait. Replies: 0.
    public var deadlineMilliseconds: UInt32
    /// The model that the vectors and states in this message belong to.
    public var fingerprint: Fingerprint?
    public var tensors: [TensorDescription]
    /// The sender; clients have no name.
    public var node: String
    /// Replies: whether another follows.
    public var more: Bool
    /// Replies: how many came before it; nil when its sender does not count, as in a failure from the transport.
    public var replyNumber: UInt32?
    /// Requests: the trace that they belong to. One that cannot be read counts as none.
    public var trace: TraceContext?
    /// Requests of clients: the collection that must answer, by its name or an alias; empty: whatever the coordinator
    /// serves.
    public var collection: String
    public var body: Body

    /// Bytes of a collection's name.
    public static let collectionLimit = 128

    public init(
        requestID: UInt64, deadlineMilliseconds: UInt32 = 0, fingerprint: Fingerprint? = nil,
        tensors: [TensorDescription] = [], node: String = "", more: Bool = false, replyNumber: UInt32? = nil,
        trace: TraceContext? = nil, collection: String = "", body: Body
    ) {
        self.requestID = requestID
        self.deadlineMilliseconds = deadlineMilliseconds
        self.fingerprint = fingerprint
        self.tensors = tensors
        self.node = node
        self.more = more
        self.replyNumber = replyNumber
        self.trace = trace
        self.collection = collection
        self.body = body
    }
}
