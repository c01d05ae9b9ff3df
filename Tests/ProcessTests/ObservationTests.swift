import Core
import Foundation
import HTTP
import TestSupport
import Testing

/// A local cluster as Prometheus, probes and a collector of traces see it.
@Suite(.serialized)
struct ObservationTests {
    private static let context = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    private func get(_ path: String, port: Int) throws -> (status: Int, text: String) {
        let response = try HTTPClient().send(
            HTTPRequest(.get, "http://127.0.0.1:\(port)\(path)"), limit: 1 << 20, isLocal: true,
            deadline: .after(milliseconds: 10_000))
        return (response.status, String(decoding: response.body, as: UTF8.self))
    }

    /// Where each node serves its metrics, from what it says.
    private func ports(_ log: String) -> [String: Int] {
        var ports: [String: Int] = [:]
        for line in log.split(separator: "\n") where line.contains(" serves /metrics") {
            guard let node = line.split(separator: " ").first, let port = line.split(separator: " ").last else {
                continue
            }
            ports[String(node)] = Int(port)
        }
        return ports
    }

    @Test("every node of a local cluster serves metrics and probes, and one request is one trace through all of them")
    func cluster() throws {
        let directory = try TemporaryDirectory()
        let spans = directory.file("spans.jsonl")
        let cluster = try RunningCluster(
            model: LiveUpdateTests.model, index: LiveUpdateTests.makeIndex(directory), socket: directory.file("c"),
            ["--metrics", "127.0.0.1:*", "--trace-file", spans])
        let ports = ports(cluster.process.standardError)
        let asked = try cluster.run(["ask", "What is the capital of Peru?", "--traceparent", Self.context])
        #expect(asked.status == 0, "\(asked.errors)")
        #expect(ports.count >= 3 && ports["coordinator"] != nil && ports["generator-0"] != nil, "\(ports)")
        for (node, port) in ports {
            #expect(try get("/healthz", port: port).status == 200)
            let ready = try get("/readyz", port: port)
            #expect(ready.status == 200, "\(node): \(ready.text)")
            let metrics = try get("/metrics", port: port)
            #expect(metrics.status == 200 && metrics.text.contains("\nimprag_request_seconds_count "), "\(node)")
            try check(metrics.text, of: node, directory)
        }
        let lines = try String(contentsOfFile: spans, encoding: .utf8).split(separator: "\n")
        // A shard may be asked for passage states, too.
        #expect(lines.count >= ports.count)
        #expect(lines.allSatisfy { $0.contains(#""traceId":"4bf92f3577b34da6a3ce929d0e0e4736""#) })
        for name in ["ask", "bottom_layers", "shard_search", "generate"] {
            #expect(lines.contains { $0.contains("\"name\":\"\(name)\"") }, "\(name)")
        }
        let wrong = try cluster.run(["ask", "x", "--traceparent", "00-1-2-3"])
        #expect(wrong.status == 2 && wrong.errors.contains("--traceparent is \"00-1-2-3\""), "\(wrong.errors)")
    }

    /// What Prometheus' own tool says of a node's metrics, where it is installed.
    private func check(_ metrics: String, of node: String, _ directory: TemporaryDirectory) throws {
        let promtool = "/usr/bin/promtool"
        guard FileManager.default.isExecutableFile(atPath: promtool) else {
            print(
                "\(promtool) is not there (Debian's package prometheus): the metrics of \(node) are not checked with it"
            )
            return
        }
        let file = directory.file("\(node).txt")
        try metrics.write(toFile: file, atomically: true, encoding: .utf8)
        let checked = try RunningProcess("/bin/sh", ["-c", "exec \(promtool) check metrics < \(file)"]).wait(
            seconds: 30)
        #expect(checked.status == 0, "\(node): \(checked.output) \(checked.errors)")
    }
}
