import Core
import Foundation
import HTTP
import HTTPServer
import Messaging
import Platform
import SimulatedWorld
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Cluster

private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

private func object(_ line: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
}

struct LogTests {
    private static let now = WallTime(nanoseconds: 1_795_939_530_250_000_000)

    @Test("a line of text is the line; in JSON the node is a field, and left out of the message")
    func formats() throws {
        let lines = Lines()
        let text = Log(node: "shard-0", format: .text, now: { Self.now }, write: lines.add)
        text.write("shard-0 is ready: \"all\"")
        let json = Log(node: "shard-0", format: .json, now: { Self.now }, write: lines.add)
        json.write("shard-0: it is \"late\"\nby far", level: .warning)
        json.write("shard-0 is ready")
        json.write("stored states are not used")
        #expect(lines.all[0] == "shard-0 is ready: \"all\"")
        #expect(
            lines.all[1]
                == #"{"time":"2026-11-29T08:05:30.250Z","level":"warning","node":"shard-0","message":"it is \"late\"\nby far"}"#
        )
        #expect(try object(lines.all[2])["message"] as? String == "is ready")
        #expect(try object(lines.all[3])["message"] as? String == "stored states are not used")
        #expect(try object(lines.all[3])["level"] as? String == "info")
    }

    @Test("a line about a request of a trace names the trace")
    func trace() throws {
        let context = try #require(TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        let lines = Lines()
        for format in Log.Format.allCases {
            Log(node: "n", format: format, write: lines.add).write("n: ask failed", level: .error, trace: context)
        }
        #expect(lines.all[0] == "n: ask failed (trace 4bf92f3577b34da6a3ce929d0e0e4736)")
        #expect(try object(lines.all[1])["trace_id"] as? String == "4bf92f3577b34da6a3ce929d0e0e4736")
    }

    @Test("the environment's format comes before the cluster file's, and must be one")
    func environment() throws {
        #expect(try Log.format([:], orElse: .json) == .json)
        #expect(try Log.format(["IMPRAG_LOG": ""], orElse: .text) == .text)
        #expect(try Log.format(["IMPRAG_LOG": "json"], orElse: .text) == .json)
        let failure = #expect(throws: ImpRAGError.self) { try Log.format(["IMPRAG_LOG": "xml"], orElse: .text) }
        #expect(failure?.message.contains("IMPRAG_LOG is \"xml\"") == true)
    }
}

struct MetricsEndpointTests {
    private func answer(_ method: String, _ path: String, notReady: String? = nil) throws -> HTTPServerResponse {
        let metrics = MetricRegistry()
        try metrics.counter("imprag_requests_total", "Requests.") { 3 }
        return MetricsEndpoint.answer(
            to: HTTPServerRequest(method: method, path: path), metrics: metrics,
            readiness: { notReady })
    }

    private func text(_ response: HTTPServerResponse) -> String { String(decoding: response.body, as: UTF8.self) }

    @Test("metrics are Prometheus' text")
    func metrics() throws {
        let response = try answer("GET", "/metrics")
        #expect(response.status == 200)
        #expect(response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            text(response)
                == "# HELP imprag_requests_total Requests.\n# TYPE imprag_requests_total counter\nimprag_requests_total 3\n"
        )
    }

    @Test("a node that does not serve is healthy, and not ready, with the reason")
    func readiness() throws {
        #expect(try answer("GET", "/readyz").status == 200)
        let loading = try answer("GET", "/readyz", notReady: "s is loading")
        #expect(loading.status == 503 && text(loading) == "s is loading\n")
        #expect(try answer("GET", "/healthz", notReady: "s is loading").status == 200)
    }

    @Test("other paths and methods are refused, and say what there is")
    func refused() throws {
        let missing = try answer("GET", "/")
        #expect(missing.status == 404 && text(missing).contains("/metrics, /healthz, /readyz"))
        let wrong = try answer("POST", "/metrics")
        #expect(wrong.status == 405 && wrong.headers["Allow"] == "GET, HEAD")
    }

    @Test("it is served by HTTP at the port that it names")
    func served() throws {
        let metrics = MetricRegistry()
        try metrics.registerProcess()
        let endpoint = try MetricsEndpoint(Endpoint("tcp://127.0.0.1:*"), metrics: metrics, readiness: { nil })
        defer { endpoint.stop() }
        let response = try HTTPClient().send(
            HTTPRequest(.get, "http://127.0.0.1:\(endpoint.port)/metrics"), limit: 1 << 20, isLocal: true,
            deadline: .inTest())
        let text = String(decoding: response.body, as: UTF8.self)
        #expect(response.status == 200 && text.contains("\nimprag_open_descriptors "))
        let refused = try HTTPClient().send(
            HTTPRequest(.post, "http://127.0.0.1:\(endpoint.port)/metrics", body: [1]), limit: 1 << 20, isLocal: true,
            deadline: .inTest())
        #expect(refused.status == 413)
    }
}

struct ObservationSettingsTests {
    private func load(_ top: String, _ shard: String, _ generator: String = "") throws -> ClusterConfiguration {
        try ClusterConfiguration(
            text: """
                { "partitions": 1, "model": "m", "index": "i", \(top) "nodes": [
                    { "name": "c", "role": "coordinator" },
                    { "name": "s", "role": "shard", "listen": "ipc:///s", \(shard) "partitions": [0] },
                    { "name": "g", "role": "generator", \(generator) "listen": "ipc:///g" } ] }
                """, source: "cluster.json", directory: "/etc/imprag")
    }

    @Test("a node takes the file's settings unless it has its own; its metrics are its own")
    func inherited() throws {
        let cluster = try load(
            #""log_format": "json", "trace_file": "spans.jsonl", "trace_share": 0.5,"#,
            #""log_format": "text", "metrics": "127.0.0.1:9465", "trace_file": "/var/log/s.jsonl","#)
        let front = try cluster.node(named: "c").observation
        #expect(front.logFormat == .json && front.traceFile == "/etc/imprag/spans.jsonl" && front.traceShare == 0.5)
        #expect(front.metrics == nil)
        let shard = try cluster.node(named: "s").observation
        #expect(shard.logFormat == .text && shard.traceFile == "/var/log/s.jsonl")
        #expect(shard.metrics?.address?.host == "127.0.0.1" && shard.metrics?.address?.port == 9465)
        let plain = try load("", "").node(named: "c").observation
        #expect(plain.logFormat == .text && plain.traceFile == nil && plain.traceShare == 0 && plain.metrics == nil)
    }

    @Test(
        "what is wrong is named",
        arguments: [
            (#""metrics": "9464","#, "nodes[1].metrics: \"9464\" is no HOST:PORT"),
            (#""metrics": "127.0.0.1:99999","#, "nodes[1].metrics"), (#""log_format": "xml","#, "nodes[1].log_format"),
            (#""trace_share": 2,"#, "nodes[1].trace_share"),
            (#""metrics": "127.0.0.1:9464","#, "s and g both serve their metrics at 127.0.0.1:9464"),
        ])
    func refused(field: String, message: String) throws {
        let failure = #expect(throws: ImpRAGError.self) { try load("", field, #""metrics": "127.0.0.1:9464","#) }
        #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
    }

    @Test(
        "a local cluster's metrics are at the ports that follow the coordinator's, and its nodes share a file of spans")
    func plan() throws {
        var plan = ClusterPlan(model: "/m", index: "/i", partitionCount: 2)
        plan.metrics = try Endpoint("tcp://[::1]:9464")
        plan.traceFile = "/tmp/spans.jsonl"
        plan.traceShare = 1
        func load(_ plan: ClusterPlan) throws -> ClusterConfiguration {
            let text = String(decoding: try plan.clusterFile(runtimeDirectory: "/run/x"), as: UTF8.self)
            return try ClusterConfiguration(text: text, source: "file", directory: "/")
        }
        let nodes = try load(plan).nodes
        #expect(nodes.map(\.name) == ["coordinator", "shard-0", "shard-1", "generator-0"])
        #expect(nodes.map(\.observation.metrics?.address?.port) == [9464, 9465, 9466, 9467])
        #expect(nodes.allSatisfy { $0.observation.metrics?.address?.host == "::1" })
        #expect(nodes.allSatisfy { $0.observation.traceFile == "/tmp/spans.jsonl" && $0.observation.traceShare == 1 })
        plan.metrics = try Endpoint("tcp://127.0.0.1:*")
        #expect(try load(plan).nodes.allSatisfy { $0.observation.metrics?.address?.port == 0 })
        plan.metrics = try Endpoint("tcp://127.0.0.1:65534")
        #expect(throws: ImpRAGError.self) { try load(plan) }
    }
}

@Suite(.simulated) struct TracerTests {
    private let lines = Lines()
    private let context = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0"

    private struct Service: NodeService {
        let fingerprint: Fingerprint
        let passages = 0
        let detail = ""

        func answer(_ request: IncomingRequest) async throws(ImpRAGError) {
            request.trace?.note([TraceSpan.Attribute("imprag.k", 5)])
            throw ImpRAGError(
                request.onwardTrace == nil ? .notFound : .dataLoss, "\(request.onwardTrace?.description ?? "-")")
        }

        func stop(milliseconds: Int) -> Bool { true }
    }

    /// What a request with `trace` is answered: with what other nodes would be told.
    private func answer(_ trace: TraceContext?, share: Double) async throws -> String {
        let environment = NodeEnvironment.inTest
        let cluster = try ClusterConfiguration(
            text: """
                { "partitions": 1, "model": "m", "index": "i", "nodes": [
                    { "name": "c", "role": "coordinator", "listen": "ipc:///tracer" },
                    { "name": "s", "role": "shard", "listen": "ipc:///s", "partitions": [0] },
                    { "name": "g", "role": "generator", "listen": "ipc:///g" } ] }
                """, source: "test", directory: "/")
        let tracer = try Tracer(
            node: "c", role: .coordinator, share: share, seed: 7, clock: environment.clock,
            wall: WallTime(nanoseconds: 1_000_000_000_000),
            write: { [lines] line in
                lines.add(line)
                return true
            })
        let server = try NodeServer(try cluster.node(named: "c"), tracer: tracer, on: environment)
        let fingerprint = try #require(Fingerprint(bytes: Array(repeating: 5, count: 32)))
        server.serve(Service(fingerprint: fingerprint))
        let client = try environment.messenger("", limits: MessagingLimits())
        let node = try client.connect(to: server.endpoint, name: "c")
        let failure = await #expect(throws: ImpRAGError.self) {
            try await node.call(.search(SearchRequest(prompt: "a")), trace: trace, deadline: .inTest())
        }
        _ = try await node.call(.status, trace: trace, deadline: .inTest())
        client.close()
        #expect(server.stop(milliseconds: 5000))
        tracer.stop()
        return try #require(failure).message
    }

    @Test("a sampled request is written as a span of its caller's trace, and others are told of that span")
    func sampled() async throws {
        let answered = try await answer(TraceContext(context + "1"), share: 0)
        let told = try #require(TraceContext(answered))
        #expect(lines.all.count == 1)
        let line = try #require(lines.all.first)
        let spans = try spans(line)
        let span = try #require(spans.first)
        #expect(spans.count == 1)
        #expect(span["traceId"] as? String == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(span["parentSpanId"] as? String == "00f067aa0ba902b7")
        #expect(span["spanId"] as? String == told.spanText)
        #expect(told.trace.description == span["traceId"] as? String && told.isSampled)
        #expect(span["name"] as? String == "search" && span["kind"] as? Int == 2)
        let status = try #require(span["status"] as? [String: Any])
        #expect(status["code"] as? Int == 2 && status["message"] as? String == "data_loss")
        let start = try #require((span["startTimeUnixNano"] as? String).flatMap { Int($0) })
        let end = try #require((span["endTimeUnixNano"] as? String).flatMap { Int($0) })
        #expect(start >= 1_000_000_000_000 && end >= start)
        let attributes = try #require(span["attributes"] as? [[String: Any]])
        #expect(attributes.first?["key"] as? String == "imprag.k")
        #expect((attributes.first?["value"] as? [String: Any])?["intValue"] as? String == "5")
    }

    @Test("a request that its caller does not record is not recorded, and its trace goes on as it came")
    func unsampled() async throws {
        #expect(try await answer(TraceContext(context + "0"), share: 1) == context + "0")
        #expect(lines.all.isEmpty)
    }

    @Test("of requests without a trace the share is recorded that was asked for")
    func share() async throws {
        #expect(try await answer(nil, share: 0) == "-")
        #expect(lines.all.isEmpty)
        #expect(TraceContext(try await answer(nil, share: 1))?.isSampled == true)
        let line = try #require(lines.all.first)
        let span = try #require(try spans(line).first)
        #expect(span["parentSpanId"] == nil)
    }

    private func spans(_ line: String) throws -> [[String: Any]] {
        #expect(line.hasSuffix("}\n") && line.count { $0 == "\n" } == 1)
        let resources = try #require(try object(line)["resourceSpans"] as? [[String: Any]])
        let resource = try #require(resources.first?["resource"] as? [String: Any])
        let names = try #require(resource["attributes"] as? [[String: Any]]).compactMap { $0["key"] as? String }
        #expect(names == ["service.name", "service.instance.id", "imprag.role"])
        let scopes = try #require(resources.first?["scopeSpans"] as? [[String: Any]])
        return try #require(scopes.first?["spans"] as? [[String: Any]])
    }
}
