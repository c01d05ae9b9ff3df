/// Refuses heads that two readers could take for different requests: behind a proxy, the one that the proxy did not see
/// would go past its rules (request smuggling; RFC 9112, section 11.2). What libmicrohttpd refuses by itself is not
/// looked for. Pure.
enum RequestFraming {
    /// Why a request with these headers is refused; nil: it is not.
    static func problem(_ headers: [(name: String, value: String)]) -> (status: Int, message: String)? {
        func values(_ name: String) -> [String] { headers.filter { $0.name.lowercased() == name }.map(\.value) }
        if let odd = headers.first(where: { !isToken($0.name) }) {
            return (400, "no header can be called \"\(odd.name)\"")
        }
        for name in ["Host", "Content-Length"] where values(name.lowercased()).count > 1 {
            return (400, "there is more than one \(name); one is right")
        }
        let codings = values("transfer-encoding")
        guard !codings.isEmpty else { return nil }
        guard values("content-length").isEmpty else {
            return (400, "Content-Length and Transfer-Encoding do not go together; one of them is right")
        }
        guard codings.count == 1, codings[0].lowercased() == "chunked" else {
            return (501, "the transfer coding \"\(codings.joined(separator: ", "))\" is not known; only chunked is")
        }
        return nil
    }

    private static let marks = Array("!#$%&'*+-.^_`|~".utf8)

    private static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: marks.contains(byte)
                }
            }
    }
}
