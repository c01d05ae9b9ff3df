public import HTTP

/// Where an etcd is, and how it is asked.
public struct EtcdSettings: Hashable, Sendable {
    /// `http://HOST:PORT` or `https://HOST:PORT`, without a slash behind it; at least one.
    public var endpoints: [String]
    public var trust: HTTPTrust
    /// Nil: without a name.
    public var user: String?
    /// The path of a file whose first line is the user's password; read whenever a token is asked for.
    public var passwordFile: String?

    public init(
        endpoints: [String], trust: HTTPTrust = HTTPTrust(), user: String? = nil, passwordFile: String? = nil
    ) {
        self.endpoints = endpoints
        self.trust = trust
        self.user = user
        self.passwordFile = passwordFile
    }
}
