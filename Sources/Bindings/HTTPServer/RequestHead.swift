import CMicrohttpd
import Glibc

/// Headers and query of a request, copied from libmicrohttpd, which bounds them by the connection's memory.
@safe struct RequestHead {
    /// By name in lower case; several of one name are joined by commas.
    private(set) var headers: [String: String] = [:]
    /// Why the request is refused whatever it asks for; nil: it is not.
    let problem: (status: Int, message: String)?
    /// With their escapes.
    private var query: [(name: [UInt8], value: [UInt8])] = []
    /// Where the query stands in the request line; nil: there is none.
    private let queryPlace: (begin: UnsafePointer<CChar>, end: UnsafePointer<CChar>)?

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
                        if kind == .HEADER_KIND {
                            let pair = unsafe (
                                String(cString: name), value.map { unsafe String(cString: $0) } ?? ""
                            )
                            entries.headers.append(pair)
                        } else {
                            let pair = unsafe (bytes(of: name), value.map { unsafe bytes(of: $0) } ?? [])
                            entries.query.append(pair)
                            let last = unsafe value ?? name
                            unsafe entries.queryPlace = (entries.queryPlace?.begin ?? name, last + strlen(last))
                        }
                        return .YES
                    }, context)
            }
        }
        query = entries.query
        unsafe queryPlace = entries.queryPlace
        problem = RequestFraming.problem(entries.headers)
        for (name, value) in entries.headers {
            headers[name.lowercased(), default: ""] += headers[name.lowercased()] == nil ? value : ", " + value
        }
    }

    @safe private final class Entries {
        var headers: [(name: String, value: String)] = []
        var query: [(name: [UInt8], value: [UInt8])] = []
        var queryPlace: (begin: UnsafePointer<CChar>, end: UnsafePointer<CChar>)?
    }

    /// Nil where it is no percent-encoded UTF-8.
    var decodedQuery: [HTTPServerRequest.Argument]? {
        var decoded: [HTTPServerRequest.Argument] = []
        for (name, value) in query {
            guard let name = percentDecoded(name), let value = percentDecoded(value) else { return nil }
            decoded.append(HTTPServerRequest.Argument(name, value))
        }
        return decoded
    }

    /// Whether the request line has a zero byte, where the library takes the path or the query to end.
    func isCut(_ url: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?) -> Bool {
        unsafe imprag_http_is_cut(url, version, queryPlace?.begin, queryPlace?.end) != 0
    }

    /// The bytes of the body that the request announces; 0 where it does not say.
    var bodyBytes: Int { headers["content-length"].map { Int($0) ?? .max } ?? 0 }
}

/// Those before the terminating zero, as they came: a `String` would have repaired what is no UTF-8.
func bytes(of text: UnsafePointer<CChar>) -> [UInt8] {
    unsafe Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
}
