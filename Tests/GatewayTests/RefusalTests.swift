import Core
import Foundation
import HTTPServer
import Testing

@testable import Gateway

struct RefusalTests {
    @Test("what is wrong with the cluster's state is not to be tried again, and an encoded body is not read")
    func conditions() {
        let failure = GatewayFailure(ImpRAGError(.failedPrecondition, "no template"))
        #expect(failure.response.status == 409 && failure.response.headers["x-should-retry"] == "false")
        let encoded = #expect(throws: GatewayFailure.self) { try BodyCoding.refuse("gzip") }
        #expect(encoded?.response.status == 415 && encoded?.response.headers["Accept-Encoding"] == "identity")
        for coding in [nil, "", "Identity"] { #expect(throws: Never.self) { try BodyCoding.refuse(coding) } }
    }

    @Test(
        "what the HTTP server refuses has the shape of every other error",
        arguments: [
            (400, "invalid_request_error", "invalid_argument"), (413, "invalid_request_error", "invalid_argument"),
            (500, "server_error", "internal"), (501, "invalid_request_error", "invalid_argument"),
            (503, "server_error", "unavailable"),
        ])
    func shape(status: Int, type: String, code: String) throws {
        let response = GatewayFailure(status: status, message: "why").response
        #expect(response.status == status)
        #expect(response.headers["Content-Type"] == "application/json")
        let body = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: [String: Any]]
        let error = try #require(body?["error"])
        #expect(error["message"] as? String == "why")
        #expect(error["type"] as? String == type)
        #expect(error["code"] as? String == code)
    }
}
