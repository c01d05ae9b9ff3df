import Foundation
import HTTP
import Platform
import TestSupport
import Testing

/// Clients of a gateway that break off.
@Suite(.serialized)
struct GatewayCutTests {
    private let directory: TemporaryDirectory
    private let cluster: RunningCluster
    private let gateway: HTTPGateway

    init() throws {
        directory = try TemporaryDirectory()
        cluster = try RunningCluster(
            model: LiveUpdateTests.model, index: LiveUpdateTests.makeIndex(directory), socket: directory.file("c"),
            ["--http", "127.0.0.1:*"])
        gateway = try HTTPGateway(saidIn: cluster.process.standardError)
    }

    private func sockets() throws -> Int {
        let folder = "/proc/\(cluster.process.identifier)/fd/"
        return try FileManager.default.contentsOfDirectory(atPath: folder).count { name in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: folder + name))?.hasPrefix("socket:") == true
        }
    }

    private func metric(_ name: String) throws -> Double? {
        try gateway.send(.get, "/metrics").text.split(separator: "\n")
            .first { $0.hasPrefix(name + " ") }.flatMap { Double($0.dropFirst(name.count + 1)) }
    }

    @Test("a client that breaks off after any byte of a request or an answer leaves nothing behind")
    func anywhere() throws {
        let before = try sockets()
        let search = #"{"query": "capital", "k": 1}"#
        let stream = #"{"prompt": "Q: What is the capital of Peru? A:", "stream": true, "imprag": {"k": 1}}"#
        for (path, body, end) in [("/v1/search", search, "}\n"), ("/v1/completions", stream, "0\r\n\r\n")] {
            let head = "POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
            let request = head + body
            let whole = try RawConnection(port: gateway.port)
            whole.send(request)
            let answer = whole.read(until: end)
            #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
            for count in 0..<request.utf8.count {
                try RawConnection(port: gateway.port).send(String(request.prefix(count)))
            }
            // Each of the first bytes, and then every seventh: an answer takes milliseconds.
            for count in Array(0..<32) + Array(stride(from: 32, to: answer.utf8.count, by: 7)) {
                let connection = try RawConnection(port: gateway.port)
                connection.send(request)
                _ = connection.read(count: count)
            }
        }
        let patience = Date(timeIntervalSinceNow: 10)
        while try metric("imprag_http_open_streams") != 0 || sockets() > before + 4, Date() < patience {}
        #expect(try metric("imprag_http_open_streams") == 0)
        #expect(try sockets() <= before + 4)
        #expect(try gateway.send(.post, "/v1/search", search).status == 200)
    }

    @Test("two thousand idle connections hinder no search")
    func idle() throws {
        OpenFileLimit.raise()
        let connections = try (0..<2000).map { _ in try RawConnection(port: gateway.port) }
        #expect(try gateway.send(.post, "/v1/search", #"{"query": "capital", "k": 1}"#).status == 200)
        #expect(connections.count == 2000)
    }
}
