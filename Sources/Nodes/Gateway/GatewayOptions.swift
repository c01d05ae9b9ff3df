public import Core

/// Whom a gateway lets in, and how.
public struct GatewayOptions: Sendable {
    /// The cluster's key list; nil: no client needs a key.
    public var keysPath: String?
    /// Two PEM files: a chain of certificates and its key. Nil: plain HTTP.
    public var tls: TLSPaths?
    /// Whether secrets may come from other machines in clear text: a proxy in front encrypts.
    public var isInsecure = false
    /// The origins of other servers' pages that may ask.
    public var origins: [String] = []

    public struct TLSPaths: Hashable, Sendable {
        public var certificate: String
        public var key: String

        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    public init() {}

    /// What is wrong with serving these at `address`; nil: nothing.
    public func problem(at address: Endpoint) -> String? {
        if isInsecure, tls != nil { return "--insecure-http is for plain HTTP, and --tls-cert for the other" }
        guard !address.isLocal else { return nil }
        if keysPath == nil {
            return "other machines reach \(address), and without keys everybody would be let in; give --keys FILE, or "
                + "listen on 127.0.0.1"
        }
        if tls == nil, !isInsecure {
            return
                "other machines reach \(address), and keys would come in clear text; give --tls-cert FILE and --tls-key "
                + "FILE, or --insecure-http where a proxy in front encrypts, or listen on 127.0.0.1"
        }
        return nil
    }
}
