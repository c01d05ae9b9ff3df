import Synchronization

/// Workspaces that nobody uses at the moment; at most as many as threads were ever at work at once.
final class WorkspaceStore: Sendable {
    private let idle = Mutex<[Workspace]>([])

    /// Numbers in a workspace worth keeping (64 MiB); one that a long prompt made larger is freed after its use.
    static let keptCount = 16 << 20

    /// Runs `body` with a workspace of its own.
    func with<Value>(_ body: (inout Workspace) -> Value) -> Value {
        var space = idle.withLock { $0.popLast() } ?? Workspace()
        defer {
            if space.count <= Self.keptCount { idle.withLock { $0.append(space) } }
        }
        return body(&space)
    }
}
