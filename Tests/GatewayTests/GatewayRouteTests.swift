import Core
import Testing

@testable import Gateway

/// Which path is what, and who may ask for it.
struct GatewayRouteTests {
    @Test("every path of the interface is a route, whose role is what it does")
    func routes() throws {
        let routes: [(method: String, path: String, route: GatewayRoute, role: KeyRole?)] = [
            ("POST", "/v1/completions", .completion(isChat: false), .read),
            ("POST", "/v1/chat/completions", .completion(isChat: true), .read),
            ("GET", "/v1/models", .models, .read), ("GET", "/v1/models/a/b", .model("a/b"), .read),
            ("POST", "/v1/embeddings", .embeddings, .read), ("GET", "/v1/collections", .collections, .read),
            ("GET", "/v1/collections/wiki", .collection("wiki"), .read),
            ("POST", "/v1/search", .search, .read), ("POST", "/v1/passages", .upsert, .write),
            ("DELETE", "/v1/passages", .delete, .write), ("DELETE", "/v1/passages/a b", .deletePassage("a b"), .write),
            ("GET", "/v1/status", .status, .read), ("HEAD", "/v1/models", .models, .read),
            ("GET", "/healthz", .health, nil), ("GET", "/readyz", .readiness, nil),
        ]
        for (method, path, route, role) in routes {
            let found = try GatewayRoute(method: method, path: path)
            #expect(found == route && found.role == role, "\(method) \(path)")
        }
        guard case .page = try GatewayRoute(method: "GET", path: "/") else {
            Issue.record("/ is not the page")
            return
        }
        #expect(try GatewayRoute(method: "GET", path: "/page/page.js").role == nil)
    }

    @Test("other paths are not there, and other methods are refused with those that are right")
    func refused() {
        for path in [
            "/v1", "/v1/models/", "/v1/passages/", "/v1/collections/", "/page/none.js", "//", "", "/V1/models",
        ] {
            let failure = #expect(throws: GatewayFailure.self) { try GatewayRoute(method: "GET", path: path) }
            #expect(failure?.status == 404 && failure?.error.code == .notFound, "\(path)")
        }
        for (method, path, right) in [
            ("GET", "/v1/completions", "POST"), ("PUT", "/v1/passages", "DELETE, POST"), ("POST", "/", "GET"),
            ("HEAD", "/v1/search", "POST"), ("GET", "/v1/embeddings", "POST"), ("POST", "/v1/collections", "GET"),
            ("DELETE", "/v1/collections/wiki", "GET"),
        ] {
            let failure = #expect(throws: GatewayFailure.self) { try GatewayRoute(method: method, path: path) }
            #expect(failure?.status == 405 && failure?.error.message.contains("takes \(right),") == true, "\(path)")
        }
    }

    @Test("an address is nobody's to name; a name may be")
    func addresses() {
        for host in [
            "127.0.0.1", "127.0.0.1:7180", "10.0.0.7:80", "localhost", "LocalHost:7180", "[::1]", "[::1]:7180",
        ] {
            #expect(ForeignPage.isAddress(host), "\(host)")
        }
        for host in [
            "", ":7180", "evil.example", "127.0.0.1.evil.example:7180", "127.0.0.256", "localhost.evil.example",
        ] {
            #expect(!ForeignPage.isAddress(host), "\(host)")
        }
    }

    @Test("pages of other servers are refused, and without keys names too")
    func foreignPages() throws {
        let own = "127.0.0.1:7180"
        for (origin, host, hasKeys) in [
            (nil, own, false), ("http://\(own)", own, false), ("https://\(own)", own, false), (nil, nil, false),
            ("https://rag.example", "rag.example", true), (nil, "rag.example", true),
        ] as [(String?, String?, Bool)] {
            try ForeignPage.refuse(origin: origin, host: host, hasKeys: hasKeys)
        }
        for (origin, host, hasKeys) in [
            ("http://evil.example", own, false), ("null", own, false), ("http://127.0.0.1:8000", own, false),
            ("http://evil.example", own, true), ("http://evil.example:7180", "evil.example:7180", false),
            (nil, "evil.example", false),
        ] as [(String?, String?, Bool)] {
            let failure = #expect(throws: GatewayFailure.self) {
                try ForeignPage.refuse(origin: origin, host: host, hasKeys: hasKeys)
            }
            #expect(failure?.status == 403, "\(origin ?? "") \(host ?? "")")
        }
    }
}
