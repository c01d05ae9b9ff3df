import Core
import Platform

/// The keys that HTTP clients may have: lines `ROLE SECRET NAME`, where ROLE is read, write or admin; `#` begins a comment.
/// Only digests are kept.
struct GatewayKeys: Sendable {
    private struct Key: Sendable {
        let digest: [UInt8]
        let role: KeyRole
    }

    private let keys: [Key]

    static let byteLimit = 1 << 20
    static let leastSecretBytes = 16

    /// - Throws: `permissionDenied` when every user of the machine may read the file; `invalidArgument` naming the line.
    init(path: String) throws(ImpRAGError) {
        let file = try SmallFile(path: path, limit: Self.byteLimit)
        guard !file.isPublic else {
            throw ImpRAGError(.permissionDenied, "every user of this machine may read \(path); `chmod 600` it")
        }
        try self.init(text: String(decoding: file.bytes, as: UTF8.self), source: path)
    }

    init(text: String, source: String) throws(ImpRAGError) {
        var keys: [Key] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            guard words.count == 3, let role = KeyRole(rawValue: String(first)), role != .node else {
                throw ImpRAGError(
                    .invalidArgument,
                    "\(source):\(number + 1): ROLE SECRET NAME is right, of the roles read, write and admin")
            }
            guard words[1].utf8.count >= Self.leastSecretBytes else {
                throw ImpRAGError(
                    .invalidArgument,
                    "\(source):\(number + 1): the secret of \(words[2]) is shorter than \(Self.leastSecretBytes) bytes")
            }
            keys.append(Key(digest: SHA256.digest(of: Array(words[1].utf8)), role: role))
        }
        guard !keys.isEmpty else { throw ImpRAGError(.invalidArgument, "\(source) has no keys") }
        self.keys = keys
    }

    /// Throws `unauthenticated` without a key of the file, `permissionDenied` when it is not good for `role`.
    ///
    /// Every digest is compared in whole, so that the time tells nothing.
    func check(_ authorization: String?, for role: KeyRole) throws(GatewayFailure) {
        let words = authorization?.split(separator: " ") ?? []
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            throw GatewayFailure(ImpRAGError(.unauthenticated, "a key is needed: Authorization: Bearer KEY"))
        }
        let digest = SHA256.digest(of: Array(words[1].utf8))
        var found: KeyRole?
        for key in keys {
            let difference = zip(key.digest, digest).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
            if difference == 0 { found = key.role }
        }
        guard let found else { throw GatewayFailure(ImpRAGError(.unauthenticated, "there is no such key")) }
        guard role != .write || found != .read else {
            throw GatewayFailure(
                ImpRAGError(
                    .permissionDenied, "the key is of the role read; passages are changed with one of the role write"))
        }
    }
}
