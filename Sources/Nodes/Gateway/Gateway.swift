public import Client
import Cluster
public import Core
import HTTPServer
import Platform

/// Serves the cluster by HTTP, in the shape that OpenAI's clients speak. docs/gateway.md has the routes.
public final class Gateway: Sendable {
    public static let defaultAddress = "127.0.0.1:7180"

    /// The address that it listens on, as in `http://127.0.0.1:7180`.
    public let url: String

    private let server: HTTPServer
    private let service: GatewayService

    /// Listens and serves until `stop`.
    ///
    /// - Parameters:
    ///   - address: where to listen.
    ///   - keysPath: the file of the keys that clients may have; nil: none is needed.
    ///   - collections: those that are listed as models; none: all that the coordinators serve. Any that a coordinator serves
    ///     can be named.
    ///   - clock: measures deadlines, and how long a stream is silent.
    ///   - makeClient: makes the client of the coordinators for a collection; empty: whatever they serve.
    /// - Throws: `invalidArgument` without keys where other machines can reach it; what is wrong with the keys; what
    ///   keeps it from listening.
    public init(
        address: Endpoint, keysPath: String? = nil, collections: [String] = [], clock: any Clock,
        makeClient: @escaping @Sendable (_ collection: String) throws(ImpRAGError) -> ClusterClient
    ) throws(ImpRAGError) {
        guard let (host, port) = address.address else {
            throw ImpRAGError(.invalidArgument, "HTTP is served at HOST:PORT, not at \(address)")
        }
        guard address.isLocal || keysPath != nil else {
            throw ImpRAGError(
                .invalidArgument,
                "other machines reach \(host):\(port), and without keys everybody would be let in; give --keys FILE, or listen "
                    + "on 127.0.0.1")
        }
        let keys = try keysPath.map { path throws(ImpRAGError) in try GatewayKeys(path: path) }
        OpenFileLimit.raise()
        let clients = GatewayClients(makeClient)
        let metrics = try GatewayMetrics()
        let service = GatewayService(
            clients: clients, keys: keys, models: collections, clock: clock,
            metrics: metrics, log: try Log(node: "gateway"))
        self.service = service
        server = try HTTPServer(
            host: host, port: port, limits: Self.limits,
            refusal: { status, message in
                metrics.record(nil, status: status)
                return GatewayFailure(status: status, message: message).response
            },
            handler: { request, responder in service.answer(request, responder) })
        url = "http://\(host.contains(":") ? "[\(host)]" : host):\(server.port)"
    }

    private static let limits: HTTPServerLimits = {
        var limits = HTTPServerLimits()
        limits.connections = 4096
        limits.connectionBytes = 8 << 10
        limits.bodyBytes = 8 << 20
        return limits
    }()

    /// Serves until SIGINT or SIGTERM. Blocks; not from the cooperative pool.
    public func run() throws(ImpRAGError) {
        _ = try SignalWatcher(SignalWatcher.stopSignals).wait()
        stop()
    }

    /// Closes every connection, which cancels what clients wait for.
    public func stop() {
        server.stop()
        service.close()
    }
}
