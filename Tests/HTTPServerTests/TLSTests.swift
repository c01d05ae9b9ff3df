import Core
import Foundation
import HTTP
import HTTPServer
import TestSupport
import Testing

/// HTTPS, as libcurl speaks it.
@Suite(.timeLimit(.minutes(1))) struct TLSTests {
    private let directory: TemporaryDirectory
    private let (certificate, key): (String, String)

    init() throws {
        directory = try TemporaryDirectory()
        (certificate, key) = (directory.file("server.crt"), directory.file("server.key"))
        try TestCertificate.one.write(certificate: certificate, key: key)
    }

    private func identity() throws -> HTTPServerIdentity {
        try HTTPServerIdentity(certificatePath: certificate, keyPath: key)
    }

    private func server(_ identity: HTTPServerIdentity) throws -> HTTPServer {
        try HTTPServer(host: "127.0.0.1", port: 0, identity: identity) { request, responder in
            guard request.path == "/stream" else {
                responder.respond(HTTPServerResponse(status: 200, body: request.body))
                return
            }
            Task {
                responder.stream(status: 200, headers: [:])
                for number in 0..<20 {
                    _ = responder.send(Array("\(number) ".utf8))
                    try? await Task.sleep(for: .milliseconds(2))
                }
                responder.finish()
            }
        }
    }

    /// Asks as a client that trusts `authority` alone.
    private func send(
        _ path: String = "/", _ body: [UInt8] = [], to server: HTTPServer, trusts authority: TestCertificate = .one
    ) throws -> HTTPResponse {
        let file = directory.file("authority-\(UUID())")
        try authority.certificate.write(toFile: file, atomically: true, encoding: .utf8)
        return try HTTPClient(trust: HTTPTrust(authorities: file)).send(
            HTTPRequest(.post, "https://127.0.0.1:\(server.port)\(path)", body: body), limit: 1 << 24, isLocal: true,
            deadline: .after(milliseconds: 20_000))
    }

    @Test("bodies and streams go through, to who trusts the certificate and to nobody else")
    func served() throws {
        let server = try server(identity())
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(try send("/", bytes, to: server).body == bytes)
        let stream = try send("/stream", to: server)
        #expect(String(decoding: stream.body, as: UTF8.self) == (0..<20).map { "\($0) " }.joined())
        #expect(throws: HTTPError.self) { try send(to: server, trusts: .other) }
        // Who speaks no TLS is closed out, and harms nobody.
        let plain = try RawConnection(port: server.port)
        plain.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        #expect(plain.isClosed())
        #expect(try send(to: server).status == 200)
    }

    @Test(
        "files that are replaced count for the next connection; those that do not fit change nothing, and are told once"
    )
    func replaced() throws {
        let identity = try identity()
        let server = try server(identity)
        var problems: [ImpRAGError] = []
        func refresh() -> Bool { identity.refresh { problems.append($0) } }
        #expect(!refresh())
        try TestCertificate.other.certificate.write(toFile: certificate, atomically: true, encoding: .utf8)
        #expect(!refresh() && !refresh())
        #expect(problems.count == 1 && problems.first?.code == .invalidArgument)
        #expect(try send(to: server).status == 200)
        try TestCertificate.other.write(certificate: certificate, key: key)
        #expect(refresh() && !refresh() && problems.count == 1)
        #expect(try send(to: server, trusts: .other).status == 200)
        #expect(throws: HTTPError.self) { try send(to: server) }
        try FileManager.default.removeItem(atPath: key)
        #expect(!refresh() && problems.last?.code == .notFound)
        #expect(try send(to: server, trusts: .other).status == 200)
    }

    @Test("what cannot be served with is said at the start")
    func wrong() throws {
        func code() -> (ErrorCode?, String) {
            let error = #expect(throws: ImpRAGError.self) { _ = try identity() }
            return (error?.code, error?.message ?? "")
        }
        try TestCertificate.expired.write(certificate: certificate, key: key)
        #expect(code().0 == .failedPrecondition && code().1.contains("expired at 2021-01-01"), "\(code())")
        try TestCertificate.one.certificate.write(toFile: certificate, atomically: true, encoding: .utf8)
        #expect(code().0 == .invalidArgument)
        try TestCertificate.one.write(certificate: certificate, key: key)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
        #expect(code().0 == .permissionDenied && code().1.contains("chmod 600"), "\(code())")
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: key)
        _ = try identity()
        for text in ["", "no PEM", String(TestCertificate.one.certificate.prefix(200))] {
            try text.write(toFile: certificate, atomically: true, encoding: .utf8)
            #expect(code().0 == .invalidArgument)
        }
        try FileManager.default.removeItem(atPath: certificate)
        #expect(code().0 == .notFound)
    }
}
