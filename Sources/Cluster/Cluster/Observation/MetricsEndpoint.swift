import Core
import HTTPServer

/// Serves a node's metrics and probes by HTTP, from the moment at which it listens.
///
/// Everybody who can reach it may read it: there are numbers and names of nodes in it, no texts and no keys.
final class MetricsEndpoint: Sendable {
    private let server: HTTPServer

    /// - Parameter readiness: why the node does not serve; nil while it does.
    /// - Throws: what `HTTPServer` throws.
    init(
        _ endpoint: Endpoint, metrics: MetricRegistry, readiness: @escaping @Sendable () -> String?
    ) throws(ImpRAGError) {
        guard let (host, port) = endpoint.address else {
            throw ImpRAGError(.internal, "metrics are served at HOST:PORT, not at \(endpoint)")
        }
        server = try HTTPServer(host: host, port: port, limits: Self.limits) { request, responder in
            responder.respond(Self.answer(to: request, metrics: metrics, readiness: readiness))
        }
    }

    /// Scrapers and probes are few, and send no bodies.
    private static let limits: HTTPServerLimits = {
        var limits = HTTPServerLimits()
        limits.connections = 64
        limits.connectionBytes = 8 << 10
        limits.bodyBytes = 0
        limits.idleSeconds = 120
        return limits
    }()

    var port: Int { server.port }

    func stop() { server.stop() }

    static func answer(
        to request: HTTPServerRequest, metrics: MetricRegistry, readiness: () -> String?
    ) -> HTTPServerResponse {
        let paths = ["/metrics", "/healthz", "/readyz"]
        guard paths.contains(request.path) else {
            return HTTPServerResponse(
                status: 404, text: "there is no \(request.path); there are \(paths.joined(separator: ", "))")
        }
        guard request.method == "GET" || request.method == "HEAD" else {
            return HTTPServerResponse(
                status: 405, headers: ["Allow": "GET, HEAD"], text: "\(request.path) is read with GET")
        }
        switch request.path {
        case "/metrics":
            return HTTPServerResponse(
                status: 200, headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
                body: Array(metrics.families.prometheusText.utf8))
        case "/readyz":
            guard let reason = readiness() else { return HTTPServerResponse(status: 200, text: "ready") }
            return HTTPServerResponse(status: 503, headers: ["Retry-After": "1"], text: reason)
        default: return HTTPServerResponse(status: 200, text: "ok")
        }
    }
}
