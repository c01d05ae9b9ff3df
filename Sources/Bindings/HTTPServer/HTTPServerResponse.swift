/// An answer of known length.
public struct HTTPServerResponse: Hashable, Sendable {
    public var status: Int
    /// Names and values without line ends; others are left out. Lengths and connections are the server's.
    public var headers: [String: String]
    public var body: [UInt8]

    public init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A text in UTF-8, with a line end.
    public init(status: Int, headers: [String: String] = [:], text: String) {
        self.init(
            status: status, headers: headers.merging(["Content-Type": "text/plain; charset=utf-8"]) { own, _ in own },
            body: Array((text + "\n").utf8))
    }
}
