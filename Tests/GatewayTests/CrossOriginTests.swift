import Core
import HTTPServer
import Testing

@testable import Gateway

/// Pages of other servers.
struct CrossOriginTests {
    private static let app = "https://app.example.com"

    private func preflight(_ origin: String?, _ method: String = "OPTIONS", asks: Bool = true) -> HTTPServerRequest {
        var headers = ["host": "127.0.0.1"]
        headers["origin"] = origin
        if asks { headers["access-control-request-method"] = "POST" }
        return HTTPServerRequest(method: method, path: "/v1/search", headers: headers)
    }

    @Test("exactly the origins that are named may ask, and are told so")
    func named() throws {
        let cross = try CrossOrigin([Self.app, "http://localhost:3000"])
        for origin in [Self.app, "http://localhost:3000"] {
            #expect(cross.headers(for: origin)["Access-Control-Allow-Origin"] == origin)
            #expect(cross.headers(for: origin)["Vary"] == "Origin")
            let answer = cross.preflight(preflight(origin))
            #expect(answer?.status == 204)
            #expect(answer?.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type")
            try ForeignPage.refuse(origin: origin, host: "127.0.0.1", hasKeys: false, except: cross)
        }
        for origin in ["https://app.example.com.evil.example", "http://app.example.com", "null", "*", nil] {
            #expect(cross.headers(for: origin) == ["Vary": "Origin"])
            #expect(cross.preflight(preflight(origin)) == nil)
            guard let origin else { continue }
            #expect(throws: GatewayFailure.self) {
                try ForeignPage.refuse(origin: origin, host: "127.0.0.1", hasKeys: true, except: cross)
            }
        }
        #expect(cross.preflight(preflight(Self.app, "POST")) == nil)
        #expect(cross.preflight(preflight(Self.app, asks: false)) == nil)
    }

    @Test("without any named, nothing is said to pages")
    func off() throws {
        let cross = try CrossOrigin([])
        #expect(cross.headers(for: Self.app).isEmpty && cross.preflight(preflight(Self.app)) == nil)
    }

    @Test("a named origin does not make other names of the server's right")
    func rebinding() throws {
        let cross = try CrossOrigin([Self.app])
        #expect(throws: GatewayFailure.self) {
            try ForeignPage.refuse(origin: Self.app, host: "evil.example", hasKeys: false, except: cross)
        }
    }

    @Test(
        "what is no origin is refused",
        arguments: [
            "*", "null", "", "app.example.com", "https://", "https://app.example.com/", "https://App.example.com",
            "ftp://a", "https://a b", "https://user@a",
        ])
    func wrong(origin: String) {
        let error = #expect(throws: ImpRAGError.self) { try CrossOrigin([origin]) }
        #expect(error?.code == .invalidArgument)
    }
}
