public import Core
internal import Foundation

/// A bucket, where it is, and the part of it that is used: `s3://BUCKET/PREFIX?endpoint=URL&region=NAME&style=path`.
///
/// What the text leaves out comes from the environment, as with other S3 clients: `AWS_ENDPOINT_URL_S3` or
/// `AWS_ENDPOINT_URL`, `AWS_REGION` or `AWS_DEFAULT_REGION`. Without an endpoint it is Amazon's, and the region must be
/// known.
public struct S3Location: Hashable, Sendable, CustomStringConvertible {
    public let bucket: String
    /// Empty, or ends with `/`.
    public let prefix: String
    public let region: String
    /// Whether the bucket stands in the path of URLs, and not in the host's name.
    let isPathStyle: Bool
    let scheme: String
    /// With the port, where it is not the scheme's own.
    let authority: String
    /// Whether the endpoint is on this machine.
    let isLocal: Bool

    public var description: String { "s3://\(bucket)/\(prefix)" }

    /// - Throws: `invalidArgument` that says what is right.
    public init(_ text: String, environment: [String: String]) throws(ImpRAGError) {
        func wrong(_ what: String) -> ImpRAGError { ImpRAGError(.invalidArgument, "\(text): \(what)") }
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].dropFirst("s3://".count).split(
            separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard text.hasPrefix("s3://"), let bucket = path.first.map(String.init), Self.isBucket(bucket) else {
            throw wrong("s3://BUCKET/PREFIX is right, a bucket being 3 to 63 lower-case letters, digits, '-' and '.'")
        }
        self.bucket = bucket
        var prefix = path.count > 1 ? String(path[1]) : ""
        while prefix.hasSuffix("/") { prefix.removeLast() }
        if !prefix.isEmpty {
            do throws(ImpRAGError) { _ = try ObjectKey(prefix) } catch { throw wrong(error.message) }
        }
        self.prefix = prefix.isEmpty ? "" : prefix + "/"

        var settings = try Self.settings(parts.count > 1 ? String(parts[1]) : "", wrong)
        let endpoint =
            settings.removeValue(forKey: "endpoint") ?? environment.value("AWS_ENDPOINT_URL_S3")
            ?? environment.value("AWS_ENDPOINT_URL")
        let region =
            settings.removeValue(forKey: "region") ?? environment.value("AWS_REGION")
            ?? environment.value("AWS_DEFAULT_REGION")
        let style = settings.removeValue(forKey: "style")
        if let unknown = settings.keys.min() {
            throw wrong("there is no setting \"\(unknown)\"; endpoint, region and style are known")
        }
        if let style, style != "path", style != "host" { throw wrong("style is \"\(style)\"; path or host is right") }
        guard let endpoint else {
            guard let region else {
                throw wrong(
                    "the region is missing: ?region=NAME or AWS_REGION says it, or ?endpoint=URL for another service")
            }
            self.region = region
            (scheme, authority, isLocal) = ("https", "s3.\(region).amazonaws.com", false)
            // A certificate for *.s3… does not cover a bucket's name with dots.
            isPathStyle = style.map { $0 == "path" } ?? bucket.contains(".")
            return
        }
        // Services that know no regions take any name; this one is what they call themselves.
        self.region = region ?? "us-east-1"
        (scheme, authority, isLocal) = try Self.endpoint(endpoint, wrong)
        isPathStyle = style != "host"
    }

    private static func isBucket(_ text: String) -> Bool {
        (3...63).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") || $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }
    }

    private static func settings(
        _ query: String, _ wrong: (String) -> ImpRAGError
    ) throws(ImpRAGError) -> [String: String] {
        var settings: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let words = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard words.count == 2, !words[1].isEmpty, let value = words[1].removingPercentEncoding else {
                throw wrong("\"\(pair)\" is no setting; NAME=VALUE is right")
            }
            settings[words[0]] = value
        }
        return settings
    }

    /// Scheme, authority, and whether it is on this machine.
    private static func endpoint(
        _ text: String, _ wrong: (String) -> ImpRAGError
    ) throws(ImpRAGError) -> (String, String, Bool) {
        guard let url = URLComponents(string: text), let scheme = url.scheme?.lowercased(),
            let host = url.host?.lowercased(), !host.isEmpty, ["http", "https"].contains(scheme),
            url.path.isEmpty || url.path == "/", url.query == nil, url.user == nil, url.fragment == nil
        else {
            throw wrong("the endpoint \(text) is no URL such as https://HOST:PORT")
        }
        let name = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        let isLocal = isThisMachine(name)
        guard scheme == "https" || isLocal else {
            throw wrong("the endpoint \(text) is not encrypted; beyond this machine https:// is right")
        }
        let port = url.port.flatMap { $0 == (scheme == "https" ? 443 : 80) ? nil : $0 }
        return (scheme, name + (port.map { ":\($0)" } ?? ""), isLocal)
    }

    /// The host of requests, and the encoded path of the object `name` (empty for the bucket).
    func place(of name: String) -> (host: String, path: String) {
        let object = percentEncoded(name, keepsSlash: true)
        return isPathStyle ? (authority, "/\(bucket)/\(object)") : ("\(bucket).\(authority)", "/\(object)")
    }
}

extension [String: String] {
    /// A variable that is set to something.
    func value(_ name: String) -> String? {
        self[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// Whether a host, an address of version 6 in brackets, is this machine: by the one rule that endpoints of nodes have
/// too.
func isThisMachine(_ host: String) -> Bool {
    (try? Endpoint("tcp://\(host):1"))?.isLocal ?? false
}
