import Core
import HTTPServer

/// The pages of other servers that may ask here, each by its origin (CORS); none unless configured.
struct CrossOrigin: Sendable {
    private let origins: Set<String>

    /// - Throws: `invalidArgument` for what is no origin.
    init(_ origins: [String]) throws(ImpRAGError) {
        for origin in origins where !Self.isOrigin(origin) {
            throw ImpRAGError(
                .invalidArgument,
                origin == "*"
                    ? "pages of every server cannot be let in; name the origin of each, as in https://app.example.com"
                    : "\"\(origin)\" is no origin; SCHEME://HOST or SCHEME://HOST:PORT in lower case is right, as in "
                        + "https://app.example.com")
        }
        self.origins = Set(origins)
    }

    /// As browsers write it, since that is compared.
    private static func isOrigin(_ text: String) -> Bool {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["http", "https"].contains(String(parts[0])), !parts[1].isEmpty else { return false }
        return parts[1].utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || Array(".-:[]".utf8).contains(byte)
        }
    }

    func allows(_ origin: String) -> Bool { origins.contains(origin) }

    /// What lets a page of `origin` read the answer; none for others.
    func headers(for origin: String?) -> [String: String] {
        // What a cache keeps for one origin is not another's.
        guard !origins.isEmpty else { return [:] }
        guard let origin, allows(origin) else { return ["Vary": "Origin"] }
        return [
            "Vary": "Origin", "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers":
                "Retry-After, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, "
                + "x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens",
        ]
    }

    /// The answer to a browser that asks, without a key, whether a page may ask; nil for any other request.
    func preflight(_ request: HTTPServerRequest) -> HTTPServerResponse? {
        guard request.method == "OPTIONS", let origin = request.headers["origin"], allows(origin),
            request.headers["access-control-request-method"] != nil
        else { return nil }
        return HTTPServerResponse(
            status: 204,
            headers: [
                "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
                "Access-Control-Allow-Headers": "Authorization, Content-Type", "Access-Control-Max-Age": "600",
            ])
    }
}
