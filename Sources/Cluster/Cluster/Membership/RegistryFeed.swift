package import Core
import Platform
import Synchronization

/// Registers a node in etcd, and tells it who serves what whenever that changes.
package final class RegistryFeed: Sendable {
    private let membership: EtcdMembership

    /// - Parameters:
    ///   - fingerprint: the node's.
    ///   - apply: takes every new topology, on a thread of this feed.
    package init(
        _ settings: MembershipSettings, _ node: NodeConfiguration, partitionCount: Int, fingerprint: Fingerprint,
        on environment: NodeEnvironment, apply: @escaping @Sendable (Topology) throws(ImpRAGError) -> Void
    ) throws(ImpRAGError) {
        let known = Known(RegistryTopology(partitionCount: partitionCount, replicas: settings.replicas))
        let report = Self.report(of: node.name)
        membership = try EtcdMembership(
            settings, name: node.name,
            registering: Registration(role: node.kind, endpoint: node.connect, fingerprint: fingerprint),
            on: environment, report: report,
            changed: { view in
                guard let next = known.update(view.nodes) else { return }
                do throws(ImpRAGError) {
                    try apply(next)
                } catch {
                    report("the nodes that etcd names cannot be taken over: \(error)")
                }
            }, replaced: Self.end(of: node.name))
        membership.start()
    }

    /// Takes lines for the operator.
    package static func report(of node: String) -> @Sendable (String) -> Void {
        { NodeProcess.log("\(node): \($0)") }
    }

    /// Ends a process whose node is another one by now.
    package static func end(of node: String) -> @Sendable () -> Void {
        {
            NodeProcess.log("\(node) ends: another process has registered under this name")
            exitImmediately(code: 1)
        }
    }

    private final class Known: Sendable {
        private let topology: Mutex<RegistryTopology>

        init(_ topology: RegistryTopology) { self.topology = Mutex(topology) }

        /// Nil when nothing has changed.
        func update(_ nodes: [RegisteredNode]) -> Topology? {
            topology.withLock { $0.update(nodes) ? $0.topology : nil }
        }
    }

    /// What an operator should know; nil when there is nothing.
    package var trouble: String? { membership.trouble }

    package func beginDraining() { membership.sayLast { $0.isStopping = true } }

    package func stop() { membership.stop() }
}
