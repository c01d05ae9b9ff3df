public import Core
internal import Foundation

/// The keys that a cluster lets in, and the key by which its nodes prove that they belong to it. Holds no secret.
///
/// As a file, JSON:
///
///     {
///       "server": "PUBLIC KEY",
///       "keys": [ { "name": "alice", "role": "write", "public": "PUBLIC KEY", "created": "2026-11-29T08:00:00Z" } ]
///     }
public struct KeyList: Hashable, Sendable {
    /// The public half of the cluster's own pair.
    public let serverKey: String
    /// In the order in which they were made.
    public private(set) var keys: [AccessKey]
    private var places: [String: Int]

    /// The most keys of one list.
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
            return server == nil ? nil : list
        }
    }

    private static func key(_ reader: inout ObjectReader) -> AccessKey? {
        let name = reader.requiredString("name", "whose key it is")
        if let name, !AccessKey.isName(name) {
            reader.report("name", "\"\(name)\" is not 1 to 64 of letters, digits, '-', '_' and '.'")
        }
        if reader.value("role") == nil {
            reader.report("role", "is missing: \(KeyRole.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let role = reader.choice("role", of: KeyRole.self)
        let publicKey = reader.key("public", "the public half of the key")
        let created = reader.string("created") ?? ""
        reader.reportUnknown()
        guard let name, let role, let publicKey else { return nil }
        return AccessKey(name: name, role: role, publicKey: publicKey, created: created)
    }

    /// The key whose public half is `publicKey`.
    public subscript(publicKey: String) -> AccessKey? { places[publicKey].map { keys[$0] } }

    /// Adds a key. Returns what is wrong with that, if anything; the list is then as before.
    public mutating func add(_ key: AccessKey) -> String? {
        guard AccessKey.isName(key.name) else {
            return "the name \"\(key.name)\" is not 1 to 64 of letters, digits, '-', '_' and '.'"
        }
        if keys.contains(where: { $0.name == key.name }) { return "there is a key \"\(key.name)\" already" }
        if let other = self[key.publicKey] { return "the key of \"\(key.name)\" is also that of \"\(other.name)\"" }
        if key.publicKey == serverKey { return "the key of \"\(key.name)\" is the cluster's own" }
        if keys.count >= Self.limit { return "there are \(keys.count) keys already, the most that a list holds" }
        places[key.publicKey] = keys.count
        keys.append(key)
        return nil
    }

    /// Takes the key called `name` away and returns it; nil when there is none.
    public mutating func remove(_ name: String) -> AccessKey? {
        guard let place = keys.firstIndex(where: { $0.name == name }) else { return nil }
        let removed = keys.remove(at: place)
        places = Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1.publicKey, $0) })
        return removed
    }

    /// The file's bytes.
    public func encoded() throws(ImpRAGError) -> [UInt8] {
        let entries = keys.map {
            ["name": $0.name, "role": $0.role.rawValue, "public": $0.publicKey, "created": $0.created]
        }
        return try encodedJSON(["server": serverKey, "keys": entries])
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
