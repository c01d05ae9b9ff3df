import TestSupport
import Testing

@testable import HTTPServer

/// What is refused before anybody reads the request, and what a request line asks for.
struct RequestFramingTests {
    private func server() throws -> HTTPServer {
        try HTTPServer(host: "127.0.0.1", port: 0) { request, responder in
            let host = request.headers["host"] ?? "-"
            responder.respond(HTTPServerResponse(status: 200, text: "<\(request.method) \(request.path) at \(host)>"))
        }
    }

    @Test(
        "a head that two readers could take for different requests is refused, and the connection closed",
        arguments: [
            ("Content-Length: 1\r\nContent-Length: 1\r\n", 400), ("Content-Length: 1\r\ncontent-length: 2\r\n", 400),
            ("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 501),
            ("Transfer-Encoding: gzip, chunked\r\n", 501), ("Transfer-Encoding: identity\r\n", 501),
            ("Transfer-Encoding: xchunked\r\n", 501), ("Transfer-Encoding : chunked\r\n", 400),
            ("Content-Length : 1\r\n", 400), ("X(Y): x\r\n", 400), ("Host: other\r\n", 400),
        ])
    func refused(headers: String, status: Int) throws {
        let server = try server()
        let connection = try RawConnection(port: server.port)
        let second = "GET /second HTTP/1.1\r\nHost: test\r\n\r\n"
        connection.send("POST / HTTP/1.1\r\nHost: test\r\n\(headers)\r\n1\r\nx\r\n0\r\n\r\n" + second)
        // It ends with the connection.
        let answer = connection.read(until: "no end")
        #expect(answer.hasPrefix("HTTP/1.1 \(status)") && !answer.contains("/second"), "\(answer)")
    }

    @Test("what has one meaning is taken")
    func taken() throws {
        let headers = ["Host", "X-A", "x-a", "Content-Length", "!#$%&'*+-.^_`|~09azAZ"].map { ($0, "1") }
        #expect(RequestFraming.problem(headers) == nil)
        #expect(RequestFraming.problem([("Host", "a"), ("transfer-encoding", "Chunked")]) == nil)
        #expect(RequestFraming.problem([]) == nil)
    }

    @Test(
        "a request line that names the server, as proxies are asked, counts instead of Host",
        arguments: [
            ("http://other.example:80/a/b?q=1", "</a/b>", "other.example:80"),
            ("HTTPS://other.example", "</>", "other.example"),
            ("/http://other.example/", "</http://other.example/>", "test"), ("http:/a", "<http:/a>", "test"),
        ])
    func absolute(target: String, path: String, host: String) throws {
        let server = try server()
        let connection = try RawConnection(port: server.port)
        connection.send("GET \(target) HTTP/1.1\r\nHost: test\r\n\r\n")
        let answer = connection.read(until: ">")
        #expect(answer.hasSuffix("<GET \(path.dropFirst().dropLast()) at \(host)>"), "\(answer)")
    }

    @Test("a path of other bytes than UTF-8 is refused, also where they are not escaped, and so is a zero byte")
    func paths() throws {
        let server = try server()
        let isCut = ["\0?x", "\0?", "\0?x=1&y", "?\0", "?\0x", "?x\0y", "?x=\0y", "?x=1&\0y", "?x=1\0&y"].map {
            Array($0.utf8)
        }
        for bytes in [[0xE9], [0xC3, 0x28], [0x00, 0x78], [0x00, 0x2F, 0x78]] + isCut as [[UInt8]] {
            let connection = try RawConnection(port: server.port)
            connection.send(Array("GET /a".utf8) + bytes + Array(" HTTP/1.1\r\nHost: test\r\n\r\n".utf8))
            #expect(connection.read(until: "\r\n").hasPrefix("HTTP/1.1 400"), "\(bytes)")
        }
        for (path, decoded) in [
            ("/\u{e9}", "/\u{e9}"), ("/a?", "/a"), ("/a?b", "/a"), ("/a?b=&c", "/a"), ("/%20", "/ "),
            ("/a?b&", "/a"), ("/a?&", "/a"), ("/a?&&b=%41+c&&", "/a"), ("/a?=", "/a"), ("/a??", "/a"),
            ("http://test?b=c", "/"),
        ] {
            let connection = try RawConnection(port: server.port)
            connection.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(connection.read(until: ">").hasSuffix("<GET \(decoded) at test>"), "\(path)")
        }
    }
}
