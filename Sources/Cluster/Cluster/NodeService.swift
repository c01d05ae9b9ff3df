public import Core
public import Messaging
public import Wire

/// What a node does once it is loaded: one for each role.
public protocol NodeService: Sendable {
    var fingerprint: Fingerprint { get }
    /// Passages that it serves.
    var passages: Int { get }
    /// What it runs, for the status table.
    var detail: String { get }

    /// Throws unless this node serves the collection that a client asks for.
    func requireCollection(_ name: String, deadline: Deadline) async throws(ImpRAGError)
    /// Why it cannot serve although it is loaded; nil when it can. For probes.
    var notReady: String? { get }

    /// Works on a request and sends its replies; runs in a task that is cancelled with the request.
    ///
    /// - Throws: the error that ends the request.
    func answer(_ request: IncomingRequest) async throws(ImpRAGError)

    /// Answers a request on the messenger's thread, if that is known to be short. It must not block.
    ///
    /// - Returns: false when it has not begun: `answer` follows.
    /// - Throws: the error that ends the request.
    func answerAtOnce(_ request: IncomingRequest) throws(ImpRAGError) -> Bool

    /// The statuses that this node can report; `own` is its own, which comes first.
    ///
    /// - Parameter ofOthers: whether other nodes are asked for theirs: not for a node, or two would ask each other for
    ///   ever.
    func status(own: NodeStatus, ofOthers: Bool, deadline: Deadline) async -> [NodeStatus]

    /// Takes note that nothing new is taken from now on; requests go on until `stop`.
    func beginDraining()

    /// Accepts no more work and lets its threads end. Returns whether they have within `milliseconds`.
    func stop(milliseconds: Int) -> Bool
}

extension NodeService {
    public func requireCollection(_ name: String, deadline: Deadline) async throws(ImpRAGError) {
        throw ImpRAGError(
            .invalidArgument,
            "the request names the collection \(name); only coordinators are asked by a collection's name")
    }

    public var notReady: String? { nil }

    public func answerAtOnce(_ request: IncomingRequest) throws(ImpRAGError) -> Bool { false }

    public func status(own: NodeStatus, ofOthers: Bool, deadline: Deadline) async -> [NodeStatus] { [own] }

    public func beginDraining() {}
}
