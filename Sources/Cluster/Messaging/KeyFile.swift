public import Core
internal import Platform
internal import ZeroMQ

/// What the holder of a key has: the key's secret half, and the public key by which it knows the cluster. Of a node it
/// also holds the cluster's own secret, by which nodes prove that they belong to it.
///
/// As a file, JSON, which only its owner, and perhaps the owner's group, may read:
///
///     { "name": "alice", "role": "write", "public": "…", "secret": "…", "server": "…" }
///
/// with `"server_secret"` for a node.
public struct KeyFile: Sendable {
    public let name: String
    public let role: KeyRole
    public let publicKey: String
    public let serverKey: String
    let secretKey: String
    /// Of nodes only.
    let serverSecret: String?

    static let byteLimit = 64 << 10

    /// Reads the file at `path`.
    ///
    /// - Throws: `notFound`, `permissionDenied` when everybody may read it, `invalidArgument` with all that is wrong.
    public init(path: String) throws(ImpRAGError) {
        let file: SmallFile
        do throws(ImpRAGError) {
            file = try SmallFile(path: path, limit: Self.byteLimit)
        } catch {
            throw ImpRAGError(error.code, "the key file cannot be read: \(error.message)", cause: error.cause)
        }
        guard !file.isPublic else {
            throw ImpRAGError(
                .permissionDenied, "every user of this machine may read the key file \(path); `chmod 600` it")
        }
        try self.init(decoding: file.bytes, source: path)
    }

    init(decoding bytes: [UInt8], source: String) throws(ImpRAGError) {
        self = try KeyText.read(bytes, source: source) { reader in
            let name = reader.requiredString("name", "whose key it is")
            if reader.value("role") == nil { reader.report("role", "is missing: what the key is good for") }
            let role = reader.choice("role", of: KeyRole.self)
            let publicKey = reader.key("public", "the public half of the key")
            let secret = reader.key("secret", "the secret half of the key")
            let server = reader.key("server", "the public half of the cluster's own pair of keys")
            let serverSecret =
                role == .node ? reader.key("server_secret", "the secret half of the cluster's own pair of keys") : nil
            if let secret, let publicKey, CurveKeys.publicKey(of: secret) != publicKey {
                reader.report("secret", "does not belong to the public key beside it")
            }
            if let serverSecret, let server, CurveKeys.publicKey(of: serverSecret) != server {
                reader.report("server_secret", "does not belong to the server's public key beside it")
            }
            guard let name, let role, let publicKey, let secret, let server, role != .node || serverSecret != nil
            else { return nil }
            return KeyFile(
                name: name, role: role, publicKey: publicKey, serverKey: server, secretKey: secret,
                serverSecret: serverSecret)
        }
    }

    private init(
        name: String, role: KeyRole, publicKey: String, serverKey: String, secretKey: String, serverSecret: String?
    ) {
        self.name = name
        self.role = role
        self.publicKey = publicKey
        self.serverKey = serverKey
        self.secretKey = secretKey
        self.serverSecret = serverSecret
    }

    /// A new key.
    ///
    /// - Parameter server: the cluster's own pair; its secret half is for nodes.
    package init(making name: String, role: KeyRole, server: ServerKeys) throws(ImpRAGError) {
        let pair = try ServerKeys.makePair()
        self.init(
            name: name, role: role, publicKey: pair.publicKey, serverKey: server.publicKey, secretKey: pair.secretKey,
            serverSecret: role == .node ? server.secretKey : nil)
    }

    /// The file's bytes, with the secrets.
    package func encoded() throws(ImpRAGError) -> [UInt8] {
        var fields = [
            "name": name, "role": role.rawValue, "public": publicKey, "secret": secretKey, "server": serverKey,
        ]
        fields["server_secret"] = serverSecret
        return try encodedJSON(fields)
    }
}

/// A cluster's own pair of keys: all of its nodes prove with the secret half that they belong to it, and every client
/// knows the public half.
package struct ServerKeys: Sendable {
    package let publicKey: String
    /// Nil where only the public half is known.
    package let secretKey: String?

    package init(publicKey: String) {
        self.publicKey = publicKey
        secretKey = nil
    }

    private init(publicKey: String, secretKey: String) {
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// A new pair.
    package init() throws(ImpRAGError) {
        let pair = try Self.makePair()
        self.init(publicKey: pair.publicKey, secretKey: pair.secretKey)
    }

    package init(decoding bytes: [UInt8], source: String) throws(ImpRAGError) {
        self = try KeyText.read(bytes, source: source) { reader in
            let secret = reader.key("secret", "the secret half of the cluster's own pair of keys")
            let publicKey = reader.key("public", "the public half of the cluster's own pair of keys")
            guard let secret, let publicKey else { return nil }
            if CurveKeys.publicKey(of: secret) != publicKey {
                reader.report("secret", "does not belong to the public key beside it")
            }
            return ServerKeys(publicKey: publicKey, secretKey: secret)
        }
    }

    package func encoded() throws(ImpRAGError) -> [UInt8] {
        try encodedJSON(["public": publicKey, "secret": secretKey ?? ""])
    }

    fileprivate static func makePair() throws(ImpRAGError) -> (publicKey: String, secretKey: String) {
        guard CurveKeys.isAvailable else {
            throw ImpRAGError(.failedPrecondition, "this libzmq has no CURVE; Debian's libzmq5 has")
        }
        do {
            return try CurveKeys.makePair()
        } catch {
            throw ImpRAGError(.unavailable, "no pair of keys can be made", cause: error)
        }
    }
}
