/// A file of the web page.
public struct PageFile: Hashable, Sendable {
    public let contentType: String
    public let bytes: [UInt8]
    /// For `ETag` and `If-None-Match`: other bytes have another one.
    public let entityTag: String
}
