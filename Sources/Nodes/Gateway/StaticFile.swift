/// A file of the page.
struct StaticFile: Hashable, Sendable {
    let contentType: String
    let bytes: [UInt8]

    /// Every file by its path: the one place where the page is served from.
    private static let table: [String: StaticFile] = [:]

    static func named(_ path: String) -> StaticFile? { table[path] }
}
