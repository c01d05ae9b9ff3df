import Synchronization

/// Workspaces that nobody uses at the moment; at most as many as threads were ever at work at once.
final class WorkspaceStore: Sendable {
    private let idle = Mutex<[Workspace]>([])

    /// Runs `body` with a workspace of its own.
    func with<Value>(_ body: (inout Workspace) -> Value) -> Value {
        var space = idle.withLock { $0.popLast() } ?? Workspace()
        defer { idle.withLock { $0.append(space) } }
        return body(&space)
    }
}
