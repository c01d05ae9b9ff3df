package import Cluster
internal import Core
internal import Messaging

extension Process {
    /// The environment of nodes in the process.
    package func environment(_ network: SimulatedNetwork) -> NodeEnvironment {
        environment { SimulatedTransport(self, network) }
    }

    /// - Parameter transport: makes each messenger's transport.
    package func environment(_ transport: @escaping @Sendable () -> SimulatedTransport) -> NodeEnvironment {
        NodeEnvironment(
            clock: clock, executor: executor, run: { [self] body in soon(body) },
            shortWork: world.doesShortWorkAtOnce ? .milliseconds(1) : .zero,
            workers: { [self] count, name, queueLimit in
                SimulatedWorkers(self, name: name, count: count, queueLimit: queueLimit)
            },
            messenger: { [self] name, _, limits throws(ImpRAGError) in
                try Messenger(name: name, limits: limits, clock: clock, transport: transport())
            })
    }
}
