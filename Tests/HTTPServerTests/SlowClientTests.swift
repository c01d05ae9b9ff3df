import Core
import HTTPServer
import Platform
import TestSupport
import Testing

/// Clients that take their time, or break off.
@Suite(.timeLimit(.minutes(1))) struct SlowClientTests {
    private static let limits: HTTPServerLimits = {
        var limits = HTTPServerLimits()
        limits.idleSeconds = 1
        limits.arrivalSeconds = 1
        limits.takingSeconds = 1
        return limits
    }()

    /// Echoes bodies; a GET gets 4 MB, or as a stream.
    private func server(_ limits: HTTPServerLimits = limits) throws -> HTTPServer {
        try HTTPServer(host: "127.0.0.1", port: 0, limits: limits) { request, responder in
            switch request.path {
            case "/large":
                responder.respond(HTTPServerResponse(status: 200, body: [UInt8](repeating: 97, count: 4 << 20)))
            case "/stream":
                responder.stream(status: 200, headers: ["Content-Type": "text/event-stream"])
                for piece in ["data: one\n\n", "data: two\n\n"] { _ = responder.send(Array(piece.utf8)) }
                responder.finish()
            default: responder.respond(HTTPServerResponse(status: 200, body: request.body + Array("!".utf8)))
            }
        }
    }

    private func post(_ body: String) -> String {
        "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func expectService(_ server: HTTPServer) throws {
        let connection = try RawConnection(port: server.port)
        connection.send(post("hello"))
        #expect(connection.read(until: "hello!").hasPrefix("HTTP/1.1 200"))
    }

    private func expectNoRequests(_ server: HTTPServer) async throws {
        let deadline = Deadline.after(milliseconds: 10_000)
        while server.requestCount > 0, !deadline.hasPassed { try await Task.sleep(for: .milliseconds(5)) }
        #expect(server.requestCount == 0)
    }

    @Test(
        "a request that comes byte by byte is cut off at the time limit, and others are served meanwhile",
        arguments: [
            "GET / HTTP/1.1\r\nHost: test\r\nX-Slow: ",
            "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10000\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n",
        ])
    func trickle(head: String) async throws {
        let server = try server()
        let begin = ContinuousClock.now
        let slow = try RawConnection(port: server.port)
        slow.send(head)
        while !slow.isBroken, ContinuousClock.now - begin < .seconds(10) {
            slow.send("x")
            try expectService(server)
            try await Task.sleep(for: .milliseconds(100))
        }
        let seconds = (ContinuousClock.now - begin) / .seconds(1)
        // The two seconds of a connection's first request, and what it takes to look.
        #expect(seconds > 1.5 && seconds < 6, "\(seconds)")
        try await expectNoRequests(server)
    }

    @Test("a client that takes an answer byte by byte, or none of it, is cut off at the time limit")
    func unread() async throws {
        var limits = Self.limits
        limits.idleSeconds = 60
        let server = try server(limits)
        let connections = try (0..<2).map { _ in
            let connection = try RawConnection(port: server.port)
            connection.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n")
            return connection
        }
        let begin = ContinuousClock.now
        while server.requestCount > 0 || ContinuousClock.now - begin < .milliseconds(300) {
            try #require(ContinuousClock.now - begin < .seconds(10))
            _ = connections[0].read(count: 1)
            try expectService(server)
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(ContinuousClock.now - begin > .milliseconds(900))
    }

    @Test("a connection that asks now and then, each time within the limits, is kept")
    func kept() async throws {
        var limits = Self.limits
        limits.idleSeconds = 2
        let server = try server(limits)
        let connection = try RawConnection(port: server.port)
        for _ in 0..<8 {
            connection.send(post("hello"))
            #expect(connection.read(until: "hello!").hasPrefix("HTTP/1.1 200"))
            try await Task.sleep(for: .milliseconds(600))
        }
    }

    @Test("a client that breaks off after any byte of its request or of the answer leaves nothing behind")
    func cutAnywhere() async throws {
        let server = try server(HTTPServerLimits())
        for request in [post("hello"), "GET /stream HTTP/1.1\r\nHost: test\r\n\r\n"] {
            for count in 0..<request.utf8.count {
                let connection = try RawConnection(port: server.port)
                connection.send(String(request.prefix(count)))
            }
            let whole = try RawConnection(port: server.port)
            whole.send(request)
            let answer = whole.read(until: request.hasPrefix("POST") ? "hello!" : "0\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            for count in 0..<answer.utf8.count {
                let connection = try RawConnection(port: server.port)
                connection.send(request)
                _ = connection.read(count: count)
            }
        }
        try await expectNoRequests(server)
        try expectService(server)
    }

    @Test("two thousand idle connections hinder nobody")
    func idle() async throws {
        OpenFileLimit.raise()
        var limits = HTTPServerLimits()
        limits.connections = 4096
        limits.connectionBytes = 8 << 10
        let server = try server(limits)
        let connections = try (0..<2000).map { _ in try RawConnection(port: server.port) }
        try expectService(server)
        connections[1999].send(post("hello"))
        #expect(connections[1999].read(until: "hello!").hasPrefix("HTTP/1.1 200"))
    }
}
