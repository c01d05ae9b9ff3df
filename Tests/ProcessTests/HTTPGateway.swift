import Core
import Foundation
import HTTP
import TestSupport
import Testing

/// A client of a gateway on this machine.
struct HTTPGateway {
    let port: Int

    /// - Parameter log: where a process says `http://127.0.0.1:PORT`, followed by what is no digit.
    init(saidIn log: String) throws {
        let start = try #require(log.range(of: "http://127.0.0.1:"), "\(log)")
        port = try #require(Int(log[start.upperBound...].prefix(while: \.isNumber)), "\(log)")
    }

    struct Answer {
        let status: Int
        let headers: [String: String]
        let text: String

        /// A value of the JSON object, by the names and places that lead to it.
        func value<Value>(_ path: Any..., as _: Value.Type = Value.self) throws -> Value {
            var value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
            for step in path {
                if let place = step as? Int, let list = value as? [Any], list.indices.contains(place) {
                    value = list[place]
                } else {
                    value = try #require((value as? [String: Any])?[step as? String ?? ""], "\(step) in \(text)")
                }
            }
            return try #require(value as? Value, "\(path) in \(text)")
        }
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: String = "", headers: [String: String] = [:]
    ) throws -> Answer {
        let response = try HTTPClient().send(
            HTTPRequest(
                method, "http://127.0.0.1:\(port)\(path)", headers: headers.map(HTTPHeader.init), body: Array(body.utf8)
            ),
            limit: 1 << 24, isLocal: true, deadline: .after(milliseconds: 60_000))
        return Answer(
            status: response.status, headers: response.headers, text: String(decoding: response.body, as: UTF8.self))
    }

    /// Deletes passages: `HTTPClient` sends no body with DELETE.
    func delete(_ body: String, headers: String = "") throws -> Answer {
        let connection = try connection("DELETE", "/v1/passages", body, headers: headers + "Connection: close\r\n")
        // It ends with the connection.
        let parts = connection.read(until: "\r\n\r\nno end").components(separatedBy: "\r\n\r\n")
        let status = try #require(parts[0].split(separator: " ").dropFirst().first.flatMap { Int($0) }, "\(parts)")
        return Answer(status: status, headers: [:], text: try #require(parts.last))
    }

    /// A connection that has asked and not read.
    ///
    /// - Parameter headers: each with its line end.
    func connection(_ method: String, _ path: String, _ body: String, headers: String = "") throws -> RawConnection {
        let connection = try RawConnection(port: port)
        connection.send(
            "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\(headers)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        return connection
    }

    /// Checks that `answer` is an error as OpenAI's clients read it.
    func expectError(
        _ answer: Answer, _ status: Int, _ code: String, param: String? = nil, says words: String? = nil,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        #expect(answer.status == status, "\(answer.text)", sourceLocation: location)
        #expect(try answer.value("error", "code") == code, "\(answer.text)", sourceLocation: location)
        #expect(
            try (answer.value("error", "param") as Any) as? String == param, "\(answer.text)", sourceLocation: location)
        #expect(try answer.value("error", "type", as: String.self).hasSuffix("_error"), sourceLocation: location)
        let message: String = try answer.value("error", "message")
        #expect(words.map(message.contains) ?? !message.isEmpty, "\(message)", sourceLocation: location)
    }
}
