import Core

/// Where a node listens or is reached: `tcp://HOST:PORT` or `ipc://PATH`. Checked when it is made.
public struct NodeEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// Where a coordinator listens, and where clients look for one, unless told otherwise.
    public static let defaultCoordinator = "tcp://127.0.0.1:7100"
    /// The longest path of a Unix socket, without the final zero.
    public static let pathByteLimit = 107

    private enum Kind: Hashable {
        case tcp(host: String, port: Int)
        case ipc(path: String)
    }

    private let kind: Kind

    /// Reads an endpoint; the error's message says what would be right and names no field.
    public init(_ text: String) throws(NodeEndpointProblem) {
        if let rest = Self.rest(of: text, after: "tcp://") {
            guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
                (1...65_535).contains(port)
            else { throw NodeEndpointProblem("\"\(text)\" has no port from 1 to 65535, as in tcp://127.0.0.1:7100") }
            let host = String(rest[..<colon])
            let allowed = host.utf8.allSatisfy { Self.isHostByte($0) }
            guard !host.isEmpty, host.utf8.count <= 253, allowed else {
                throw NodeEndpointProblem("\"\(text)\" has no valid host name or address, as in tcp://127.0.0.1:7100")
            }
            kind = .tcp(host: host, port: port)
        } else if let path = Self.rest(of: text, after: "ipc://") {
            guard !path.isEmpty, !path.utf8.contains(0) else {
                throw NodeEndpointProblem("\"\(text)\" has no path, as in ipc:///run/imprag/shard-0")
            }
            guard path.utf8.count <= Self.pathByteLimit else {
                throw NodeEndpointProblem(
                    "\"\(text)\" has a path of \(path.utf8.count) bytes; a Unix socket's has at most "
                        + "\(Self.pathByteLimit)")
            }
            kind = .ipc(path: path)
        } else {
            throw NodeEndpointProblem("\"\(text)\" is neither tcp://HOST:PORT nor ipc://PATH")
        }
    }

    public var description: String {
        switch kind {
        case .tcp(let host, let port): "tcp://\(host):\(port)"
        case .ipc(let path): "ipc://\(path)"
        }
    }

    /// True when only processes of this machine can reach it.
    public var isLocal: Bool {
        switch kind {
        case .ipc: true
        case .tcp(let host, _): host == "localhost" || host == "[::1]" || host.hasPrefix("127.")
        }
    }

    /// True for addresses that can be listened on but not connected to.
    public var isWildcard: Bool {
        switch kind {
        case .ipc: false
        case .tcp(let host, _): host == "*" || host == "0.0.0.0" || host == "[::]"
        }
    }

    private static func rest(of text: String, after scheme: String) -> String? {
        text.hasPrefix(scheme) ? String(text.dropFirst(scheme.count)) : nil
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: Array(".-_*[]:%".utf8).contains(byte)
        }
    }
}

/// Why a text is not an endpoint.
public struct NodeEndpointProblem: Error, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
