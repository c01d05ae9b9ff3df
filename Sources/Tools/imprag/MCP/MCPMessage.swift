import Core
import Platform

/// Why a message is refused, with JSON-RPC's number for it.
struct MCPFailure: Error {
    let code: Int
    let message: String

    static func parse(_ error: ImpRAGError) -> MCPFailure { MCPFailure(code: -32700, message: error.message) }
    static func invalidRequest(_ message: String) -> MCPFailure { MCPFailure(code: -32600, message: message) }
    static func unknownMethod(_ name: String) -> MCPFailure {
        MCPFailure(code: -32601, message: "there is no method \"\(name)\"")
    }
    static func invalidParameters(_ message: String) -> MCPFailure { MCPFailure(code: -32602, message: message) }
}

/// A request or, without an id, a notification, as JSON-RPC 2.0 has them.
struct MCPMessage {
    /// As JSON: a string or a whole number.
    let id: String?
    let method: String
    /// An object; empty when the message has none.
    let parameters: JSONField

    /// The values of a line: one, or all of a batch, which clients of 2025-03-26 may send.
    static func values(of line: FileLineReader.Line) throws(MCPFailure) -> [JSONValue] {
        let value: JSONValue
        do {
            _ = try line.text(in: "standard input")
            value = try JSONScanner.value(.text("the message"), bytes: line.bytes)
        } catch {
            throw .parse(error)
        }
        guard case .array(let values) = value else { return [value] }
        guard !values.isEmpty else { throw .invalidRequest("a batch of no messages") }
        return values
    }

    /// The id of a message that may be wrong otherwise; nil when it has none that can be answered.
    static func id(of value: JSONValue) -> String? {
        guard case .object(let members) = value else { return nil }
        switch members["id"] {
        case .string(let text): return jsonString(text)
        case .integer(let number): return String(number)
        default: return nil
        }
    }

    /// Nil for a response: this server asks nothing, so it awaits none.
    init?(_ value: JSONValue) throws(MCPFailure) {
        guard case .object(let members) = value, members["jsonrpc"] == .string("2.0") else {
            throw .invalidRequest("a message is an object with \"jsonrpc\": \"2.0\"")
        }
        if members["method"] == nil, members["result"] != nil || members["error"] != nil { return nil }
        guard case .string(let method)? = members["method"] else {
            throw .invalidRequest("\"method\" must be a string")
        }
        id = Self.id(of: value)
        guard id != nil || members["id"] == nil else {
            throw .invalidRequest("\"id\" must be a string or a whole number")
        }
        self.method = method
        let parameters = members["params"] ?? .object([:])
        guard case .object = parameters else { throw .invalidParameters("\"params\" must be an object") }
        self.parameters = JSONField(path: method, name: "params", value: parameters)
    }
}
