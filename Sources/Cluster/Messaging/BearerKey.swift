public import Core
internal import Platform

/// One entry of a key list for a client of the gateway's HTTP: it sends a secret with each request, of which the list
/// has the digest.
///
/// SHA-256 once is enough, where a password would need a slow hash: the secret is 256 random bits, which nobody finds
/// by trying, however fast that is; and each request is checked.
public struct BearerKey: Hashable, Sendable {
    /// As an `AccessKey`'s, and unique in its list among both.
    public let name: String
    /// Never `node`.
    public let role: KeyRole
    /// The SHA-256 of the whole secret: 64 lowercase hexadecimal digits.
    public let digest: String
    /// When it was made: RFC 3339.
    public let created: String
    public let limits: KeyLimits

    public init(name: String, role: KeyRole, digest: String, created: String, limits: KeyLimits = KeyLimits()) {
        self.name = name
        self.role = role
        self.digest = digest
        self.created = created
        self.limits = limits
    }

    /// The digest of `secret`, as a list has it.
    public static func digest(of secret: some StringProtocol) -> String {
        hexadecimal(SHA256.digest(of: Array(secret.utf8)))
    }

    /// A new secret. Its beginning lets programs that look for secrets in texts know it.
    package static func makeSecret() -> String {
        var random = SystemRandomNumberGenerator()
        return "imprag_" + hexadecimal((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
    }

    static func isDigest(_ text: String) -> Bool {
        text.utf8.count == 64
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }
}

/// How much the holder of a key may ask for in a minute; nil: as much as it likes. Each gateway counts by itself.
public struct KeyLimits: Hashable, Sendable {
    public var requestsPerMinute: Int?
    /// Tokens of prompts and of answers.
    public var tokensPerMinute: Int?

    public static let range = 1...1_000_000_000

    public init(requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil) {
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
    }
}
