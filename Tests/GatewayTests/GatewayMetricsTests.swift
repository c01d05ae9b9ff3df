import Core
import Testing

@testable import Gateway

struct GatewayMetricsTests {
    @Test("requests are counted by route and status, however their paths differ")
    func counted() throws {
        let metrics = try GatewayMetrics()
        for path in ["/v1/models/a", "/v1/models/b"] {
            metrics.record(try GatewayRoute(method: "GET", path: path), status: 404, duration: .milliseconds(2))
        }
        metrics.record(nil, status: 413)
        let text = metrics.registry.families.prometheusText
        #expect(text.contains("imprag_http_requests_total{route=\"/v1/models/{model}\",status=\"404\"} 2\n"))
        #expect(text.contains("imprag_http_request_seconds_count{route=\"/v1/models/{model}\"} 2\n"))
        #expect(text.contains("imprag_http_requests_total{route=\"none\",status=\"413\"} 1\n"))
        #expect(text.contains("imprag_http_open_streams 0\n"))
    }

    @Test("every route has a label of its own, which is its path")
    func labels() throws {
        for (path, routes) in GatewayRoute.fixed {
            for route in routes.values { #expect(route.label == path) }
        }
    }

    @Test("failures are told of once a second at most")
    func told() throws {
        let metrics = try GatewayMetrics()
        #expect(metrics.isTimeToTell())
        #expect(!metrics.isTimeToTell())
    }
}
