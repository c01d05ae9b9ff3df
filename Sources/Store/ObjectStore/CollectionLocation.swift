internal import Foundation

/// Where a collection stands, as its two parts: the store that it lies in with others and with their aliases, and its
/// name there.
public struct CollectionLocation: Hashable, Sendable {
    /// A directory or `s3://BUCKET/PREFIX…`, as `openObjectStore` takes it.
    public let root: String
    /// One word.
    public let name: String

    /// Nil for a whole bucket and for `/`, which lie in nothing.
    ///
    /// - Parameter location: a directory or `s3://BUCKET/PREFIX…`.
    public init?(_ location: String) {
        guard location.contains("://") else {
            let url = URL(filePath: location).standardizedFileURL
            (root, name) = (url.deletingLastPathComponent().path(percentEncoded: false), url.lastPathComponent)
            guard !name.isEmpty, name != "/" else { return nil }
            return
        }
        let query = location.firstIndex(of: "?") ?? location.endIndex
        var path = location[..<query]
        while path.hasSuffix("/") { path.removeLast() }
        guard let slash = path.lastIndex(of: "/"), let host = path.range(of: "://"), slash >= host.upperBound else {
            return nil
        }
        (root, name) = (String(path[..<slash]) + location[query...], String(path[path.index(after: slash)...]))
        guard !name.isEmpty else { return nil }
    }
}
