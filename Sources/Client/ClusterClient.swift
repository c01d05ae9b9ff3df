public import Core
internal import Messaging
public import Wire

/// A program's way into a cluster: it calls the coordinator. Any thread may use it.
public final class ClusterClient: Sendable {
    private let messenger: Messenger
    private let coordinator: Peer

    /// - Parameters:
    ///   - endpoint: the coordinator's, as in `tcp://127.0.0.1:7100` or `ipc:///run/imprag/coordinator`.
    ///   - allowRemote: endpoints of other machines are refused without it: messages are not encrypted.
    /// - Throws: `invalidArgument`, `permissionDenied`, `resourceExhausted`. That nobody listens shows in the first call.
    public init(endpoint: String, allowRemote: Bool = false) throws(ImpRAGError) {
        messenger = try Messenger(name: "", allowRemote: allowRemote)
        coordinator = try messenger.connect(to: endpoint, name: "coordinator")
    }

    /// Ends all calls with `unavailable`, and tells the cluster to stop them. The client is of no use afterwards.
    /// Without it the same happens, unwaited for, with the last reference.
    public func close() {
        messenger.close()
    }

    /// Answers a prompt, token by token.
    ///
    /// - Parameter fingerprint: refuse to be answered by another model.
    public func ask(
        _ request: AskRequest, fingerprint: Fingerprint? = nil, deadline: Deadline
    ) throws(ImpRAGError) -> AskStream {
        AskStream(try coordinator.stream(.ask(request), fingerprint: fingerprint, deadline: deadline))
    }

    /// The passages that a prompt retrieves, without an answer.
    public func search(
        _ request: SearchRequest, fingerprint: Fingerprint? = nil, deadline: Deadline
    ) async throws(ImpRAGError) -> SearchReply {
        let reply = try await coordinator.call(.search(request), fingerprint: fingerprint, deadline: deadline)
        guard case .search(let found) = reply.body else { throw Self.unexpected(reply, for: "search") }
        return found
    }

    /// How every node of the cluster is.
    public func status(deadline: Deadline) async throws(ImpRAGError) -> [NodeStatus] {
        let reply = try await coordinator.call(.status, deadline: deadline)
        guard case .status(let status) = reply.body else { throw Self.unexpected(reply, for: "status") }
        return status.nodes
    }

    static func unexpected(_ reply: IncomingReply, for request: String) -> ImpRAGError {
        ImpRAGError(
            .failedPrecondition,
            "\(reply.node.isEmpty ? "the peer" : reply.node) answered \(request) with \(reply.body.name); it does not speak this protocol"
        )
    }
}
