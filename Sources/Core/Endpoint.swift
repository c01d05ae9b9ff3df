/// Where a node listens or is reached, in libzmq's notation: `tcp://HOST:PORT` or `ipc://PATH`. Checked on creation.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// Where a coordinator listens and clients look for one by default.
    public static let defaultCoordinator = "tcp://127.0.0.1:7100"
    /// The longest path of a Unix socket: Linux's `sun_path` without the final zero.
    public static let pathByteLimit = 107

    private enum Kind: Hashable {
        /// `port` is nil for `*`, a free port of the system's choice.
        case tcp(host: String, port: UInt16?)
        case ipc(path: String)
    }

    private let kind: Kind

    /// Throws `invalidArgument` for any other form, saying what would be right.
    public init(_ text: String) throws(ImpRAGError) {
        if let rest = Self.rest(of: text, after: "tcp://") {
            guard let colon = rest.lastIndex(of: ":") else { throw Self.portProblem(text) }
            let number = rest[rest.index(after: colon)...]
            let port = UInt16(number)
            guard number == "*" || (port ?? 0) > 0 else { throw Self.portProblem(text) }
            let host = String(rest[..<colon])
            guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(Self.isHostByte) else {
                throw ImpRAGError(
                    .invalidArgument, "\"\(text)\" has no valid host name or address, as in tcp://127.0.0.1:7100")
            }
            kind = .tcp(host: host, port: port)
        } else if let path = Self.rest(of: text, after: "ipc://") {
            guard !path.isEmpty, !path.utf8.contains(0) else {
                throw ImpRAGError(.invalidArgument, "\"\(text)\" has no path, as in ipc:///run/imprag/shard-0")
            }
            guard path.utf8.count <= Self.pathByteLimit else {
                throw ImpRAGError(
                    .invalidArgument,
                    "\"\(text)\" has a path of \(path.utf8.count) bytes; a Unix socket's has at most \(Self.pathByteLimit)"
                )
            }
            kind = .ipc(path: path)
        } else {
            throw ImpRAGError(.invalidArgument, "\"\(text)\" is neither tcp://HOST:PORT nor ipc://PATH")
        }
    }

    public var description: String {
        switch kind {
        case .tcp(let host, let port): "tcp://\(host):\(port.map { "\($0)" } ?? "*")"
        case .ipc(let path): "ipc://\(path)"
        }
    }

    /// The path of an ipc endpoint, else nil.
    public var socketPath: String? {
        guard case .ipc(let path) = kind else { return nil }
        return path
    }

    /// Host and port, 0 for a free one, of a tcp endpoint, else nil. An IPv6 address comes without its brackets.
    public var address: (host: String, port: Int)? {
        guard case .tcp(let host, let port) = kind else { return nil }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        return (isBracketed ? String(host.dropFirst().dropLast()) : host, port.map(Int.init) ?? 0)
    }

    /// True when only processes of this machine can reach it. A name that merely begins with 127 may resolve to
    /// anything.
    public var isLocal: Bool {
        switch kind {
        case .ipc: true
        case .tcp(let host, _): host == "localhost" || host == "[::1]" || Self.isLoopbackAddress(host)
        }
    }

    /// The host on another machine, as it is written; nil when it is local.
    public var remoteHost: String? {
        guard !isLocal, case .tcp(let host, _) = kind else { return nil }
        return host
    }

    /// True for addresses that can be listened on but not connected to.
    public var isWildcard: Bool {
        switch kind {
        case .ipc: false
        case .tcp(let host, let port): host == "*" || host == "0.0.0.0" || host == "[::]" || port == nil
        }
    }

    private static func isLoopbackAddress(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func portProblem(_ text: String) -> ImpRAGError {
        ImpRAGError(.invalidArgument, "\"\(text)\" has no port from 1 to 65535, as in tcp://127.0.0.1:7100")
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
