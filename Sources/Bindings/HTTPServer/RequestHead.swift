import CMicrohttpd

/// Headers and query of a request, copied from libmicrohttpd, which bounds them by the connection's memory.
struct RequestHead {
    /// By name in lower case; several of one name are joined by commas.
    private(set) var headers: [String: String] = [:]
    /// With their escapes.
    private var query: [(name: String, value: String)] = []

    init(_ connection: OpaquePointer) {
        let entries = Entries()
        withExtendedLifetime(entries) {
            let context = unsafe Unmanaged.passUnretained(entries).toOpaque()
            for kind in [MHD_ValueKind.HEADER_KIND, .GET_ARGUMENT_KIND] {
                unsafe MHD_get_connection_values(
                    connection, kind,
                    { context, kind, name, value in
                        guard let context = unsafe context, let name = unsafe name else { return .YES }
                        let entries = unsafe Unmanaged<Entries>.fromOpaque(context).takeUnretainedValue()
                        let pair = unsafe (String(cString: name), value.map { unsafe String(cString: $0) } ?? "")
                        if kind == .HEADER_KIND { entries.headers.append(pair) } else { entries.query.append(pair) }
                        return .YES
                    }, context)
            }
        }
        query = entries.query
        for (name, value) in entries.headers {
            headers[name.lowercased(), default: ""] += headers[name.lowercased()] == nil ? value : ", " + value
        }
    }

    private final class Entries {
        var headers: [(name: String, value: String)] = []
        var query: [(name: String, value: String)] = []
    }

    /// Nil where it is no percent-encoded UTF-8.
    var decodedQuery: [HTTPServerRequest.Argument]? {
        var decoded: [HTTPServerRequest.Argument] = []
        for (name, value) in query {
            guard let name = percentDecoded(name.utf8), let value = percentDecoded(value.utf8) else { return nil }
            decoded.append(HTTPServerRequest.Argument(name, value))
        }
        return decoded
    }

    /// What the body may have: as many bytes as the request says, or, where it does not say, as many as are taken.
    func bodyBytes(_ limits: HTTPServerLimits) -> Int {
        if let length = headers["content-length"] { return Int(length) ?? .max }
        return headers["transfer-encoding"] == nil ? 0 : limits.bodyBytes
    }
}
