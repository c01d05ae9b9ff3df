import Core

/// Where a node listens, as libzmq writes it: `ipc://PATH` or `tcp://HOST:PORT`.
struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    let description: String
    /// Of an ipc endpoint.
    var socketPath: String? { description.hasPrefix("ipc://") ? String(description.dropFirst(6)) : nil }
    /// Only processes of this machine can reach it.
    let isLocal: Bool

    /// Throws `invalidArgument` for any other form.
    init(_ text: String) throws(ImpRAGError) {
        description = text
        if text.hasPrefix("ipc://") {
            let path = text.dropFirst(6)
            // 108 bytes is `sun_path` of Linux, with its NUL.
            guard !path.isEmpty, path.utf8.count < 108, !path.utf8.contains(0) else {
                throw ImpRAGError(
                    .invalidArgument,
                    "the endpoint \(text) has a path of \(path.utf8.count) bytes; 1 to 107 are possible in ipc://PATH")
            }
            isLocal = true
            return
        }
        guard text.hasPrefix("tcp://"), let colon = text.lastIndex(of: ":") else {
            throw ImpRAGError(
                .invalidArgument, "the endpoint \(text) is neither ipc://PATH nor tcp://HOST:PORT")
        }
        let host = text[text.index(text.startIndex, offsetBy: 6)..<max(colon, text.index(text.startIndex, offsetBy: 6))]
        let port = text[text.index(after: colon)...]
        guard !host.isEmpty, port == "*" || UInt16(port).map({ $0 > 0 }) == true, !text.utf8.contains(0) else {
            throw ImpRAGError(
                .invalidArgument,
                "the endpoint \(text) needs a host and a port from 1 to 65535, as in tcp://127.0.0.1:7100")
        }
        isLocal = Self.isLoopback(host)
    }

    /// Throws `permissionDenied` when it is not local and `allowRemote` is false.
    func check(allowRemote: Bool) throws(ImpRAGError) {
        guard isLocal || allowRemote else {
            throw ImpRAGError(
                .permissionDenied,
                "the endpoint \(self) is on, or reachable from, other machines; messages are not encrypted and callers not "
                    + "authenticated, so inside a network that you trust say --allow-remote, or \"allow_remote\": true in the "
                    + "cluster file; elsewhere use ipc:// or 127.0.0.1"
            )
        }
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        if host == "localhost" || host == "[::1]" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
