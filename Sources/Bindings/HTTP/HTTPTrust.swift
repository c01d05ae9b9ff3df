/// Whom HTTPS trusts, and what the client shows of itself: paths of PEM files.
public struct HTTPTrust: Hashable, Sendable {
    /// Certificates of authorities; nil: the system's.
    public var authorities: String?
    /// The client's certificate, for servers that ask for one.
    public var certificate: String?
    /// Its private key.
    public var key: String?

    public init(authorities: String? = nil, certificate: String? = nil, key: String? = nil) {
        self.authorities = authorities
        self.certificate = certificate
        self.key = key
    }
}
