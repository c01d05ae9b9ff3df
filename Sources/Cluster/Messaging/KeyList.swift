public import Core
internal import Foundation

/// The keys that a cluster lets in, and the key by which its nodes prove that they belong to it. Holds no secret.
///
/// As a file, JSON:
///
///     {
///       "server": "PUBLIC KEY",
///       "keys": [ { "name": "alice", "role": "write", "public": "PUBLIC KEY", "created": "2026-11-29T08:00:00Z" } ],
///       "bearers": [ { "name": "page", "role": "read", "sha256": "DIGEST", "created": "2026-11-29T08:00:00Z",
///                      "requests_per_minute": 60, "tokens_per_minute": 20000 } ]
///     }
///
/// `bearers` may be left out, and so may limits.
public struct KeyList: Hashable, Sendable {
    /// The public half of the cluster's own pair.
    public let serverKey: String
    /// In the order in which they were made.
    public private(set) var keys: [AccessKey]
    /// Those of clients of the gateway, in the order in which they were made.
    public private(set) var bearers: [BearerKey] = []
    private var places: [String: Int]
    private var bearerPlaces: [String: Int] = [:]

    /// The most keys of one list, of each kind.
    public static let limit = 10_000
    /// The most bytes of its file.
    public static let fileByteLimit = 4 << 20

    /// A list without keys.
    public init(serverKey: String) {
        self.serverKey = serverKey
        keys = []
        places = [:]
    }

    /// Reads a list. Throws `invalidArgument` with all that is wrong with it.
    ///
    /// - Parameter source: what messages call it, usually its path.
    public init(decoding bytes: [UInt8], source: String) throws(ImpRAGError) {
        self = try KeyText.read(bytes, source: source) { reader in
            let server = reader.key("server", "the public half of the cluster's own pair of keys")
            if reader.value("keys") == nil { reader.report("keys", "is missing: the list of keys") }
            let entries = reader.list("keys") ?? []
            if entries.count > Self.limit {
                reader.report("keys", "\(entries.count) keys; at most \(Self.limit) are right")
            }
            var list = KeyList(serverKey: server ?? "")
            for (number, entry) in entries.prefix(Self.limit).enumerated() {
                var fields = ObjectReader(entry, path: "keys[\(number)]", problems: reader.problems)
                guard let key = Self.key(&fields) else { continue }
                if let problem = list.add(key) { fields.report(problem) }
            }
            let bearers = reader.list("bearers") ?? []
            if bearers.count > Self.limit {
                reader.report("bearers", "\(bearers.count) keys; at most \(Self.limit) are right")
            }
            for (number, entry) in bearers.prefix(Self.limit).enumerated() {
                var fields = ObjectReader(entry, path: "bearers[\(number)]", problems: reader.problems)
                guard let key = Self.bearer(&fields) else { continue }
                if let problem = list.add(key) { fields.report(problem) }
            }
            return server == nil ? nil : list
        }
    }

    private static func key(_ reader: inout ObjectReader) -> AccessKey? {
        let (name, role, created) = holder(&reader)
        let publicKey = reader.key("public", "the public half of the key")
        reader.reportUnknown()
        guard let name, let role, let publicKey else { return nil }
        return AccessKey(name: name, role: role, publicKey: publicKey, created: created)
    }

    private static func bearer(_ reader: inout ObjectReader) -> BearerKey? {
        let (name, role, created) = holder(&reader)
        let digest = reader.requiredString("sha256", "the digest of the secret")
        if let digest, !BearerKey.isDigest(digest) {
            reader.report("sha256", "is no digest; 64 lowercase hexadecimal digits are right")
        }
        let limits = KeyLimits(
            requestsPerMinute: reader.integer("requests_per_minute", in: KeyLimits.range),
            tokensPerMinute: reader.integer("tokens_per_minute", in: KeyLimits.range))
        reader.reportUnknown()
        guard let name, let role, let digest, BearerKey.isDigest(digest) else { return nil }
        return BearerKey(name: name, role: role, digest: digest, created: created, limits: limits)
    }

    /// What entries of both kinds have.
    private static func holder(_ reader: inout ObjectReader) -> (name: String?, role: KeyRole?, created: String) {
        let name = reader.requiredString("name", "whose key it is")
        if let name, !AccessKey.isName(name) {
            reader.report("name", "\"\(name)\" is not 1 to 64 of letters, digits, '-', '_' and '.'")
        }
        if reader.value("role") == nil {
            reader.report("role", "is missing: \(KeyRole.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return (name, reader.choice("role", of: KeyRole.self), reader.string("created") ?? "")
    }

    /// How many keys it has, of both kinds.
    public var count: Int { keys.count + bearers.count }

    /// The names of all keys.
    public var names: [String] { keys.map(\.name) + bearers.map(\.name) }

    /// The key whose public half is `publicKey`.
    public subscript(publicKey: String) -> AccessKey? { places[publicKey].map { keys[$0] } }

    /// The key of the secret with this digest.
    ///
    /// How long this takes may tell how much of the digest is right; that of a secret which nobody knows leads nowhere.
    public func bearer(digest: String) -> BearerKey? { bearerPlaces[digest].map { bearers[$0] } }

    /// Adds a key. Returns what is wrong with that, if anything; the list is then as before.
    public mutating func add(_ key: AccessKey) -> String? {
        if let problem = problem(with: key.name, among: keys.count) { return problem }
        if let other = self[key.publicKey] { return "the key of \"\(key.name)\" is also that of \"\(other.name)\"" }
        if key.publicKey == serverKey { return "the key of \"\(key.name)\" is the cluster's own" }
        places[key.publicKey] = keys.count
        keys.append(key)
        return nil
    }

    /// Adds a key of a client of the gateway, as the other `add` does.
    public mutating func add(_ key: BearerKey) -> String? {
        if let problem = problem(with: key.name, among: bearers.count) { return problem }
        if key.role == .node {
            return "the key of \"\(key.name)\" has the role node, which no client of the gateway has"
        }
        if let other = bearer(digest: key.digest) {
            return "the secret of \"\(key.name)\" is also that of \"\(other.name)\""
        }
        bearerPlaces[key.digest] = bearers.count
        bearers.append(key)
        return nil
    }

    private func problem(with name: String, among count: Int) -> String? {
        guard AccessKey.isName(name) else {
            return "the name \"\(name)\" is not 1 to 64 of letters, digits, '-', '_' and '.'"
        }
        if keys.contains(where: { $0.name == name }) || bearers.contains(where: { $0.name == name }) {
            return "there is a key \"\(name)\" already"
        }
        if count >= Self.limit { return "there are \(count) keys already, the most that a list holds" }
        return nil
    }

    /// Takes the key called `name` away and returns it; nil when there is none.
    public mutating func remove(_ name: String) -> AccessKey? {
        guard let place = keys.firstIndex(where: { $0.name == name }) else { return nil }
        let removed = keys.remove(at: place)
        places = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1.publicKey, $0) })
        return removed
    }

    /// Takes the key of a client of the gateway away, as `remove` does.
    public mutating func removeBearer(_ name: String) -> BearerKey? {
        guard let place = bearers.firstIndex(where: { $0.name == name }) else { return nil }
        let removed = bearers.remove(at: place)
        bearerPlaces = Dictionary(uniqueKeysWithValues: bearers.enumerated().map { ($1.digest, $0) })
        return removed
    }

    /// The file's bytes.
    public func encoded() throws(ImpRAGError) -> [UInt8] {
        let entries = keys.map {
            ["name": $0.name, "role": $0.role.rawValue, "public": $0.publicKey, "created": $0.created]
        }
        var object: [String: Any] = ["server": serverKey, "keys": entries]
        if !bearers.isEmpty { object["bearers"] = bearers.map(Self.entry) }
        return try encodedJSON(object)
    }

    private static func entry(_ key: BearerKey) -> [String: Any] {
        var fields: [String: Any] = [
            "name": key.name, "role": key.role.rawValue, "sha256": key.digest, "created": key.created,
        ]
        fields["requests_per_minute"] = key.limits.requestsPerMinute
        fields["tokens_per_minute"] = key.limits.tokensPerMinute
        return fields
    }
}

/// JSON for people, with a line end.
func encodedJSON(_ object: [String: Any]) throws(ImpRAGError) -> [UInt8] {
    do {
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try JSONSerialization.data(withJSONObject: object, options: options)) + [UInt8(ascii: "\n")]
    } catch {
        throw ImpRAGError(.internal, "a key file cannot be written as JSON", cause: error)
    }
}
