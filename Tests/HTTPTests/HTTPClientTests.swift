import Core
import HTTP
import TestSupport
import Testing

/// What a server answers is in ObjectStoreTests, which have one.
@Suite struct HTTPClientTests {
    private func failure(_ url: String, deadline: Deadline = .after(milliseconds: 20_000)) -> HTTPError? {
        #expect(throws: HTTPError.self) {
            try HTTPClient().send(HTTPRequest(.get, url), limit: 100, isLocal: true, deadline: deadline)
        }
    }

    @Test("where nobody listens the server knows nothing of the request")
    func unreachable() {
        let found = failure("http://127.0.0.1:1/")
        #expect(found?.kind == .unreachable)
        #expect(found?.reason.contains("127.0.0.1") == true)
    }

    @Test("a deadline that has passed sends nothing")
    func passed() {
        #expect(failure("http://127.0.0.1:1/", deadline: .after(milliseconds: -1))?.kind == .timeout)
    }

    @Test("only HTTP and HTTPS are spoken", arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "no URL"])
    func schemes(url: String) {
        #expect(failure(url)?.kind == .invalid)
    }
}
