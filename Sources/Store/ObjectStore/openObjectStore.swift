public import Core
internal import Foundation

/// The store at `location`: `s3://BUCKET/PREFIX…` (see `S3Location`) or the path of a directory.
///
/// - Parameter isThere: whether the directory has to be there already, to be read only; otherwise it is made where
///   there is none.
public func openObjectStore(
    _ location: String, environment: [String: String], isThere: Bool = false
) throws(ImpRAGError) -> any ObjectStore {
    if location.hasPrefix("s3://") {
        return S3Store(try S3Location(location, environment: environment), environment: environment)
    }
    if let colon = location.range(of: "://") {
        throw ImpRAGError(
            .invalidArgument,
            "\(location): there is no store of the kind \(location[..<colon.upperBound]); s3://BUCKET/PREFIX or a directory is right"
        )
    }
    guard !location.isEmpty else {
        throw ImpRAGError(.invalidArgument, "the store is missing: s3://BUCKET/PREFIX or a directory is right")
    }
    return try isThere ? DirectoryStore(existing: location) : DirectoryStore(path: location)
}
