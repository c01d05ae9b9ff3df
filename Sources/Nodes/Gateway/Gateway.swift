public import Client
import Cluster
public import Core
import HTTPServer
import Messaging
import Platform

/// Serves the cluster by HTTP, in the shape that OpenAI's clients speak. docs/gateway.md has the routes.
public final class Gateway: Sendable {
    public static let defaultAddress = "127.0.0.1:7180"

    /// The address that it listens on, as in `http://127.0.0.1:7180`.
    public let url: String

    private let server: HTTPServer
    private let service: GatewayService
    private let watch: GatewayWatch?
    private let log: Log

    /// Listens and serves until `stop`.
    ///
    /// - Parameters:
    ///   - address: where to listen.
    ///   - options: whom it lets in.
    ///   - collections: those that are listed as models; none: all that the coordinators serve. Any that a coordinator
    ///     serves can be named.
    ///   - clock: measures deadlines, and how long a stream is silent.
    ///   - client: of the coordinators, whatever they serve; closed by `stop`. Its thread serves HTTP, too.
    /// - Throws: `invalidArgument` without keys, or with keys in clear text, where other machines can reach it; what is
    ///   wrong with the keys or the certificate; what keeps it from listening.
    public init(
        address: Endpoint, options: GatewayOptions = GatewayOptions(), collections: [String] = [], clock: any Clock,
        client: ClusterClient
    ) throws(ImpRAGError) {
        guard let (host, port) = address.address else {
            throw ImpRAGError(.invalidArgument, "HTTP is served at HOST:PORT, not at \(address)")
        }
        if let problem = options.problem(at: address) { throw ImpRAGError(.invalidArgument, problem) }
        let crossOrigin = try CrossOrigin(options.origins)
        let log = try Log(node: "gateway")
        self.log = log
        let keys = try options.keysPath.map { path throws(ImpRAGError) in
            GatewayKeys(try KeyRing(path: path) { log.write($0) }, clock: clock)
        }
        let identity = try options.tls.map { paths throws(ImpRAGError) in
            try HTTPServerIdentity(certificatePath: paths.certificate, keyPath: paths.key)
        }
        OpenFileLimit.raise()
        let clients = GatewayClients(client)
        let metrics = try GatewayMetrics()
        let service = GatewayService(
            clients: clients, keys: keys, crossOrigin: crossOrigin, models: collections, clock: clock, metrics: metrics,
            log: log)
        self.service = service
        server = try HTTPServer(
            host: host, port: port, limits: Self.limits, identity: identity,
            refusal: { status, message in
                metrics.record(nil, status: status)
                return GatewayFailure(status: status, message: message).response
            },
            driver: { descriptor, work throws(ImpRAGError) in try client.drive(descriptor, work: work) },
            handler: { request, responder in service.answer(request, responder) })
        watch =
            keys == nil && identity == nil
            ? nil
            : try GatewayWatch {
                keys?.refresh()
                let isNew = identity?.refresh {
                    log.write("tls: \($0.message); the certificate before goes on counting")
                }
                if isNew == true { log.write("tls: there is a new certificate") }
            }
        url = "\(identity == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host):\(server.port)"
    }

    private static let limits: HTTPServerLimits = {
        var limits = HTTPServerLimits()
        limits.connections = 4096
        limits.connectionBytes = 8 << 10
        limits.bodyBytes = 8 << 20
        return limits
    }()

    /// Serves until SIGINT or SIGTERM; SIGHUP lets it read its files again. Blocks; not from the cooperative pool.
    public func run() throws(ImpRAGError) {
        _ = try SignalWatcher.serving().waitForStop {
            watch?.lookNow()
            log.write(
                "SIGHUP: \(watch == nil ? "there is neither a key list nor a certificate" : "what has changed counts now")"
            )
        }
        stop()
    }

    /// Closes every connection, which cancels what clients wait for.
    public func stop() {
        watch?.stop()
        server.stop()
        service.close()
    }
}
