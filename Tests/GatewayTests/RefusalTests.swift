import Foundation
import HTTPServer
import Testing

@testable import Gateway

struct RefusalTests {
    @Test(
        "what the HTTP server refuses has the shape of every other error",
        arguments: [
            (400, "invalid_request_error", "invalid_argument"), (413, "invalid_request_error", "invalid_argument"),
            (500, "server_error", "internal"), (503, "server_error", "unavailable"),
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
