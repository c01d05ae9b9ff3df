import Synchronization

/// Idle workspaces: never more than there have been threads in a pass at once.
final class WorkspaceStore: Sendable {
    private let idle = Mutex<[Workspace]>([])

    /// Runs `body` with a workspace of its own.
    func with<Value>(_ body: (inout Workspace) -> Value) -> Value {
        var space = idle.withLock { $0.popLast() } ?? Workspace()
        defer { idle.withLock { $0.append(space) } }
        return body(&space)
    }
}
