internal import Core
internal import Platform

/// Percent-encoding by RFC 3986, for URLs and signatures alike: all but letters, digits, `-`, `.`, `_` and `~`.
func percentEncoded(_ text: String, keepsSlash: Bool = false) -> String {
    var encoded: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            encoded.append(byte)
        case UInt8(ascii: "/") where keepsSlash: encoded.append(byte)
        default: encoded += [UInt8(ascii: "%")] + hexadecimal([byte]).uppercased().utf8
        }
    }
    return String(decoding: encoded, as: UTF8.self)
}

/// The query of a URL, encoded and in the order in which it is signed.
func queryText(_ query: [(name: String, value: String)]) -> String {
    query.map { (percentEncoded($0.name), percentEncoded($0.value)) }
        .sorted { $0 < $1 }
        .map { "\($0)=\($1)" }
        .joined(separator: "&")
}

/// Signs requests with AWS Signature Version 4.
///
/// Source: AWS, "Create a signed AWS API request" (Signature Version 4), with S3's rules: paths are encoded once, and
/// not normalised.
struct SignatureV4 {
    let credentials: S3Credentials
    let region: String
    var service = "s3"
    /// The time of day, as in `20130524T000000Z`.
    let time: String

    /// The headers that a request needs beside `headers`, `Authorization` among them.
    ///
    /// - Parameters:
    ///   - path, query: encoded.
    ///   - headers: `host` and whatever else is signed, names in lower case.
    ///   - digest: SHA-256 of the body.
    func sign(
        _ method: String, path: String, query: String, headers: [(name: String, value: String)], digest: String
    ) -> [(name: String, value: String)] {
        var added = [("x-amz-content-sha256", digest), ("x-amz-date", time)]
        if let token = credentials.sessionToken { added.append(("x-amz-security-token", token)) }
        let (signed, request) = canonical(method, path: path, query: query, headers: headers + added, digest: digest)
        let day = String(time.prefix(8))
        let scope = "\(day)/\(region)/\(service)/aws4_request"
        let text = "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n\(hexadecimal(SHA256.digest(of: [UInt8](request.utf8))))"
        var key = [UInt8]("AWS4\(credentials.secretKey)".utf8)
        for word in [day, region, service, "aws4_request"] { key = HMAC.sha256([UInt8](word.utf8), key: key) }
        let signature = hexadecimal(HMAC.sha256([UInt8](text.utf8), key: key))
        let authorization =
            "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(signed), Signature=\(signature)"
        return added + [("Authorization", authorization)]
    }

    /// The names of the signed headers, and the request as it is signed.
    private func canonical(
        _ method: String, path: String, query: String, headers: [(name: String, value: String)], digest: String
    ) -> (signed: String, request: String) {
        let sorted = headers.sorted { $0.name < $1.name }
        let signed = sorted.map(\.name).joined(separator: ";")
        let lines = sorted.map { "\($0.name):\(Self.trimmed($0.value))\n" }.joined()
        return (signed, [method, path, query, lines, signed, digest].joined(separator: "\n"))
    }

    /// Without space at the ends, and with one space for several.
    private static func trimmed(_ value: String) -> String {
        value.split(separator: " ").joined(separator: " ")
    }
}
