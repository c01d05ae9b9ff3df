public import Core
public import Messaging
public import Wire

/// What a node does once it is loaded: one for each role.
public protocol NodeService: Sendable {
    var fingerprint: Fingerprint { get }
    /// Passages that it serves.
    var passages: Int { get }
    /// For the status table: what it runs.
    var detail: String { get }

    /// Works on a request and sends its replies; runs as a task that is cancelled with the request.
    ///
    /// - Throws: what the caller gets as the request's end.
    func answer(_ request: IncomingRequest) async throws(ImpRAGError)

    /// The nodes that this one can speak for; `own` is its own.
    func status(own: NodeStatus, deadline: Deadline) async -> [NodeStatus]

    /// Takes no more work and lets its threads end. Returns whether they have, within `milliseconds`.
    func stop(milliseconds: Int) -> Bool
}

extension NodeService {
    public func status(own: NodeStatus, deadline: Deadline) async -> [NodeStatus] { [own] }
}
