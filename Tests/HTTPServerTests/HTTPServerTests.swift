import Core
import HTTP
import HTTPServer
import Synchronization
import TestSupport
import Testing

/// A server with a few paths.
private final class TestServer: Sendable {
    let server: HTTPServer
    let waiting: Waiting
    private let thread: DrivingThread?

    /// Requests that were not answered at once.
    final class Waiting: Sendable {
        let responders = Mutex<[HTTPResponder]>([])
        let goneCount = Atomic(0)

        /// Waits until `count` requests wait.
        func wait(for count: Int) async throws {
            try await eventually { self.responders.withLock { $0.count } == count }
        }

        func take() -> [HTTPResponder] {
            responders.withLock { responders in
                defer { responders = [] }
                return responders
            }
        }
    }

    /// - Parameter isDriven: whether another thread than the server's own does its work.
    init(_ limits: HTTPServerLimits = HTTPServerLimits(), isDriven: Bool = false) throws {
        let waiting = Waiting()
        self.waiting = waiting
        let thread = isDriven ? DrivingThread() : nil
        self.thread = thread
        server = try HTTPServer(
            host: "127.0.0.1", port: 0, limits: limits,
            driver: thread?.drive
        ) { request, responder in
            switch (request.method, request.path) {
            case ("GET", "/hello"): responder.respond(HTTPServerResponse(status: 200, text: "hello"))
            case ("POST", "/echo"): responder.respond(HTTPServerResponse(status: 200, body: request.body))
            case ("GET", "/show"):
                let query = request.query.map { "\($0.name)=\($0.value)" }.joined(separator: ";")
                responder.respond(
                    HTTPServerResponse(status: 200, text: "\(query) \(request.headers["x-test"] ?? "-")"))
            case ("GET", "/dropped"): break
            case ("GET", "/later"), ("POST", "/later"), ("GET", "/stream"):
                responder.onGone { waiting.goneCount.add(1, ordering: .relaxed) }
                if request.path == "/stream" {
                    responder.stream(status: 200, headers: ["Content-Type": "text/event-stream"])
                }
                waiting.responders.withLock { $0.append(responder) }
            default: responder.respond(HTTPServerResponse(status: 404, text: "no such path"))
            }
        }
    }

    var port: Int { server.port }

    func send(
        _ method: HTTPRequest.Method, _ path: String, headers: [HTTPHeader] = [], body: [UInt8] = []
    ) throws(HTTPError) -> HTTPResponse {
        try HTTPClient().send(
            HTTPRequest(method, "http://127.0.0.1:\(port)\(path)", headers: headers, body: body), limit: 1 << 24,
            isLocal: true, deadline: .after(milliseconds: 20_000))
    }

    func connection(_ request: String = "") throws -> RawConnection {
        let connection = try RawConnection(port: port)
        connection.send(request)
        return connection
    }
}

/// Waits until `condition` holds, for at most ten seconds.
private func eventually(_ condition: @Sendable () -> Bool) async throws {
    let deadline = Deadline.after(milliseconds: 10_000)
    while !condition() {
        try #require(!deadline.hasPassed)
        try await Task.sleep(for: .milliseconds(2))
    }
}

private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n" }

private func text(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }

@Suite(.timeLimit(.minutes(2))) struct HTTPServerTests {
    @Test("a request is answered with status, headers and body", arguments: [false, true])
    func answered(isDriven: Bool) throws {
        let server = try TestServer(isDriven: isDriven)
        let response = try server.send(.get, "/hello")
        #expect(response.status == 200)
        #expect(response.headers["content-type"] == "text/plain; charset=utf-8")
        #expect(text(response) == "hello\n")
        #expect(try server.send(.get, "/nothing").status == 404)
    }

    @Test("a path and a query are decoded once, and what is no UTF-8 is refused")
    func decoded() throws {
        let server = try TestServer()
        let response = try server.send(
            .get, "/sh%6Fw?a=b%26c&d=%2525&e", headers: [HTTPHeader("X-Test", "here")])
        #expect(text(response) == "a=b&c;d=%25;e= here\n")
        #expect(try server.send(.get, "/show%FF").status == 400)
        #expect(try server.send(.get, "/show?a=%4").status == 400)
        #expect(try server.send(.get, "/hello%00").status == 404)
    }

    @Test("one connection carries one request after the other", arguments: [false, true])
    func keptAlive(isDriven: Bool) throws {
        let server = try TestServer(isDriven: isDriven)
        let connection = try server.connection()
        for _ in 0..<3 {
            connection.send(get("/hello"))
            #expect(connection.read(until: "hello\n").hasPrefix("HTTP/1.1 200"))
        }
        connection.send("HEAD /hello HTTP/1.1\r\nHost: test\r\n\r\n" + get("/hello"))
        #expect(connection.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 404"))
        #expect(connection.read(until: "hello\n").hasPrefix("HTTP/1.1 200"))
    }

    @Test("a body arrives whole", arguments: [false, true])
    func body(isDriven: Bool) throws {
        let server = try TestServer(isDriven: isDriven)
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(try server.send(.post, "/echo", body: bytes).body == bytes)
        #expect(try server.send(.post, "/echo", body: []).body.isEmpty)
    }

    @Test("a body that is too large is refused before it is taken, or, of unknown length, before it is held")
    func largeBody() throws {
        var limits = HTTPServerLimits()
        limits.bodyBytes = 1000
        let server = try TestServer(limits)
        #expect(try server.send(.post, "/echo", body: [UInt8](repeating: 1, count: 1000)).status == 200)
        let declared = try server.connection("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1001\r\n\r\n")
        #expect(declared.read(until: "\r\n").hasPrefix("HTTP/1.1 413"))
        let piece = "1f4\r\n" + String(repeating: "x", count: 500) + "\r\n"
        let head = "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
        let chunked = try server.connection(head + piece + piece + piece + "0\r\n\r\n")
        #expect(chunked.read(until: "\r\n").hasPrefix("HTTP/1.1 413"))
        let endless = try server.connection(head)
        for _ in 0..<20 { endless.send(piece) }
        #expect(endless.isClosed())
    }

    @Test("bodies of all requests together are bounded; one that is only announced keeps nobody out")
    func allBodies() async throws {
        var limits = HTTPServerLimits()
        limits.bodyBytes = 1000
        limits.allBodyBytes = 1500
        let server = try TestServer(limits)
        func head(_ path: String) -> String { "POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n" }
        let announced = try (0..<3).map { _ in try server.connection(head("/echo")) }
        try await eventually { server.server.requestCount == 3 }
        let body = [UInt8](repeating: 1, count: 1000)
        #expect(try server.send(.post, "/echo", body: body).status == 200)
        let first = try server.connection(head("/later") + String(repeating: "x", count: 1000))
        try await server.waiting.wait(for: 1)
        #expect(try server.connection(head("/echo")).read(until: "\r\n").hasPrefix("HTTP/1.1 503"))
        let chunked = try server.connection("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
        chunked.send("258\r\n" + String(repeating: "x", count: 600) + "\r\n0\r\n\r\n")
        #expect(chunked.read(until: "\r\n").hasPrefix("HTTP/1.1 503"))
        first.close()
        for connection in announced { connection.close() }
        try await eventually { server.server.requestCount == 0 }
        #expect(try server.send(.post, "/echo", body: body).status == 200)
    }

    @Test("refusals have the form that they are given")
    func refusals() async throws {
        var limits = HTTPServerLimits()
        limits.bodyBytes = 1000
        limits.allBodyBytes = 1500
        let statuses = Mutex<[Int]>([])
        let held = Mutex<[HTTPResponder]>([])
        let refusal: HTTPServer.Refusal = { status, message in
            statuses.withLock { $0.append(status) }
            return HTTPServerResponse(status: status, body: Array("<\(status): \(message)>".utf8))
        }
        let server = try HTTPServer(host: "127.0.0.1", port: 0, limits: limits, refusal: refusal) {
            request, responder in
            if request.path == "/answered" { responder.respond(HTTPServerResponse(status: 200, text: "<yes>")) }
            if request.path == "/held" { held.withLock { $0.append(responder) } }
        }
        func answer(to request: String) throws -> String {
            let connection = try RawConnection(port: server.port)
            connection.send(request)
            return connection.read(until: ">")
        }
        func post(_ length: Int, _ path: String = "/") -> String {
            "POST \(path) HTTP/1.1\r\nHost: test\r\nContent-Length: \(length)\r\n\r\n"
        }
        #expect(try answer(to: get("/%FF")).hasSuffix("<400: the path or the query is no percent-encoded UTF-8>"))
        #expect(try answer(to: post(1001)).hasSuffix("<413: the body is too large; 1000 bytes are taken>"))
        #expect(try answer(to: get("/")).hasSuffix("<500: the request was dropped without an answer>"))
        let first = try RawConnection(port: server.port)
        first.send(post(1000, "/held") + String(repeating: "x", count: 1000))
        try await eventually { held.withLock { $0.count } == 1 }
        let busy = try answer(to: post(1000))
        #expect(try answer(to: get("/answered")).hasSuffix("<yes>"))
        #expect(statuses.withLock { $0 } == [400, 413, 500, 503])
        #expect(busy.contains("Retry-After: 1") && busy.hasSuffix("try again later>"))
    }

    @Test("a head that is too long is refused")
    func longHead() throws {
        let server = try TestServer()
        let header = "X-Long: " + String(repeating: "x", count: 40_000)
        let connection = try server.connection("GET /hello HTTP/1.1\r\nHost: test\r\n\(header)\r\n\r\n")
        #expect(connection.read(until: "\r\n").hasPrefix("HTTP/1.1 431"))
    }

    @Test("who answers later answers from any thread", arguments: [false, true])
    func later(isDriven: Bool) async throws {
        let server = try TestServer(isDriven: isDriven)
        let connections = try (0..<20).map { _ in try server.connection(get("/later")) }
        try await server.waiting.wait(for: 20)
        for responder in server.waiting.take() {
            #expect(responder.respond(HTTPServerResponse(status: 200, text: "late")))
            #expect(!responder.respond(HTTPServerResponse(status: 200, text: "twice")))
        }
        for connection in connections { #expect(connection.read(until: "late\n").hasPrefix("HTTP/1.1 200")) }
    }

    @Test("a request that nobody answers gets 500, and a stream that nobody ends breaks", arguments: [false, true])
    func dropped(isDriven: Bool) async throws {
        let server = try TestServer(isDriven: isDriven)
        #expect(try server.send(.get, "/dropped").status == 500)
        let connection = try server.connection(get("/stream"))
        try await server.waiting.wait(for: 1)
        _ = server.waiting.take()
        #expect(connection.isClosed())
    }

    @Test("a stream is sent piece by piece, and its connection goes on", arguments: [false, true])
    func stream(isDriven: Bool) async throws {
        let server = try TestServer(isDriven: isDriven)
        let connection = try server.connection(get("/stream"))
        try await server.waiting.wait(for: 1)
        let responder = try #require(server.waiting.take().first)
        #expect(connection.read(until: "\r\n\r\n").contains("Transfer-Encoding: chunked"))
        for number in 0..<3 {
            #expect(responder.send(Array("piece \(number)".utf8)) == .accepted)
            #expect(connection.read(until: "\r\npiece \(number)\r\n") == "7\r\npiece \(number)\r\n")
        }
        responder.finish()
        #expect(connection.read(until: "0\r\n\r\n") == "0\r\n\r\n")
        #expect(responder.send([1]) == .gone)
        connection.send(get("/hello"))
        #expect(connection.read(until: "hello\n").hasPrefix("HTTP/1.1 200"))
        #expect(server.waiting.goneCount.load(ordering: .relaxed) == 0)
    }

    @Test(
        "whoever answers a client that has gone is told, whether it waits for the answer or for more of it",
        arguments: ["/later", "/stream"], [false, true])
    func gone(path: String, isDriven: Bool) async throws {
        let server = try TestServer(isDriven: isDriven)
        let connection = try server.connection(get(path))
        try await server.waiting.wait(for: 1)
        let responder = try #require(server.waiting.take().first)
        connection.close()
        try await eventually { server.waiting.goneCount.load(ordering: .relaxed) == 1 }
        #expect(responder.send([1]) == .gone)
        #expect(!responder.respond(HTTPServerResponse(status: 200)))
        try await eventually { server.server.requestCount == 0 }
    }

    @Test("a client that takes nothing of its stream is cut off", arguments: [false, true])
    func slow(isDriven: Bool) async throws {
        let server = try TestServer(isDriven: isDriven)
        let connection = try server.connection(get("/stream"))
        try await server.waiting.wait(for: 1)
        let responder = try #require(server.waiting.take().first)
        let piece = [UInt8](repeating: 1, count: 250 << 10)
        var last = HTTPResponder.Sent.accepted
        // What the sockets hold is a few megabytes.
        for _ in 0..<2000 where last == .accepted {
            last = responder.send(piece)
            try await Task.sleep(for: .microseconds(200))
        }
        #expect(last == .tooSlow)
        #expect(responder.send(piece) == .gone)
        #expect(server.waiting.goneCount.load(ordering: .relaxed) == 1)
        #expect(connection.isClosed())
    }

    @Test("hundreds of idle streams cost no answer its time, and all get what is sent", arguments: [false, true])
    func idleStreams(isDriven: Bool) async throws {
        var limits = HTTPServerLimits()
        limits.connections = 400
        let server = try TestServer(limits, isDriven: isDriven)
        let connections = try (0..<300).map { _ in try server.connection(get("/stream")) }
        try await server.waiting.wait(for: 300)
        #expect(try text(server.send(.get, "/hello")) == "hello\n")
        for responder in server.waiting.take() {
            #expect(responder.send(Array("done".utf8)) == .accepted)
            responder.finish()
        }
        for connection in connections { #expect(connection.read(until: "0\r\n\r\n").hasSuffix("done\r\n0\r\n\r\n")) }
    }

    @Test("connections beyond the limit wait until one ends", arguments: [false, true])
    func limited(isDriven: Bool) async throws {
        var limits = HTTPServerLimits()
        limits.connections = 2
        let server = try TestServer(limits, isDriven: isDriven)
        let first = try server.connection(get("/stream"))
        let second = try server.connection(get("/stream"))
        try await server.waiting.wait(for: 2)
        let third = try server.connection(get("/hello"))
        first.close()
        #expect(third.read(until: "hello\n").hasPrefix("HTTP/1.1 200"))
        second.close()
    }

    @Test("an idle connection is closed", arguments: [false, true])
    func idle(isDriven: Bool) throws {
        var limits = HTTPServerLimits()
        limits.idleSeconds = 1
        let server = try TestServer(limits, isDriven: isDriven)
        let silent = try server.connection()
        let half = try server.connection("GET /hello HTTP/1.1\r\n")
        #expect(silent.isClosed())
        #expect(half.isClosed())
    }

    @Test("a stop ends streams and requests that wait, and tells those who answer them", arguments: [false, true])
    func stopped(isDriven: Bool) async throws {
        let server = try TestServer(isDriven: isDriven)
        let connections = try ["/stream", "/later", "/stream"].map { try server.connection(get($0)) }
        try await server.waiting.wait(for: 3)
        server.server.stop()
        #expect(server.waiting.goneCount.load(ordering: .relaxed) == 3)
        for responder in server.waiting.take() {
            #expect(responder.send([1]) == .gone)
            responder.finish()
        }
        for connection in connections { #expect(connection.isClosed()) }
        server.server.stop()
        #expect(throws: (any Error).self) { try server.send(.get, "/hello") }
    }

    @Test("a stop at any moment, while streams are fed and clients come and go, ends", arguments: [false, true])
    func stoppedUnderLoad(isDriven: Bool) async throws {
        for round in 0..<5 {
            let server = try TestServer(isDriven: isDriven)
            let feeder = Task {
                while !Task.isCancelled {
                    for responder in server.waiting.responders.withLock({ $0 }) { _ = responder.send([1, 2, 3]) }
                    await Task.yield()
                }
            }
            var connections: [RawConnection] = []
            for number in 0..<(20 + 10 * round) {
                connections.append(try server.connection(get(number % 3 == 0 ? "/later" : "/stream")))
                if number % 4 == 3 { connections[number - 2].close() }
            }
            server.server.stop()
            feeder.cancel()
            await feeder.value
            #expect(server.server.requestCount == 0)
        }
    }

    @Test("a port that is taken, and a host that is none, are refused by name")
    func refused() throws {
        let server = try TestServer()
        for (host, port) in [("127.0.0.1", server.port), ("no-such-host.invalid", 0)] {
            let failure = #expect(throws: ImpRAGError.self) { _ = try HTTPServer(host: host, port: port) { _, _ in } }
            #expect(failure?.code == .failedPrecondition)
            #expect(failure?.message.contains("\(host):\(port)") == true)
        }
    }
}
