import Core

/// Refuses what a browser sends for a page of another server: without keys, any page that somebody opens could ask
/// here, and write.
enum ForeignPage {
    /// - Parameters:
    ///   - origin: the header `Origin`, which a browser sends with what a page asks for.
    ///   - host: the header `Host`: what the client calls this server.
    ///   - hasKeys: whether clients need keys.
    ///   - others: pages that may ask although they are another server's.
    static func refuse(
        origin: String?, host: String?, hasKeys: Bool, except others: CrossOrigin? = nil
    ) throws(GatewayFailure) {
        guard let host else { return }
        if let origin, origin != "http://\(host)", origin != "https://\(host)",
            others?.allows(origin) != true
        {
            throw GatewayFailure(
                ImpRAGError(
                    .permissionDenied,
                    "a page of \(origin) asks; only this gateway's own page may, programs, and what --cors names"))
        }
        // A server of another name may have that name mean this machine later (DNS rebinding); its page is then this
        // gateway's own to the browser. What a page cannot know is a key.
        guard hasKeys || isAddress(host) else {
            throw GatewayFailure(
                ImpRAGError(
                    .permissionDenied,
                    "this gateway has no keys, so it goes by an IP address or localhost, not by \(host); with --keys it takes any name"
                ))
        }
    }

    /// Whether `host`, with or without a port, is an IP address or this machine itself: no name server has a say in it.
    static func isAddress(_ host: String) -> Bool {
        // Brackets are around IPv6 addresses, never around names.
        if host.hasPrefix("[") { return true }
        let name = host.prefix { $0 != ":" }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return name.lowercased() == "localhost" || parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
