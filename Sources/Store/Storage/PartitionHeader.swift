internal import Core
internal import Foundation

/// What a partition is, as stored in it.
struct PartitionHeader: Codable, Equatable {
    /// Version of the layout: `PartitionFormat.schema`.
    var schema: Int
    /// The model's, 64 hexadecimal digits.
    var fingerprint: String
    var dimension: Int
    /// Which partition of how many.
    var number: Int
    var partitionCount: Int
}

extension PartitionHeader {
    private struct Version: Decodable {
        var schema: Int
    }

    /// The header as it was stored; nil when `bytes` are none.
    ///
    /// - Throws: `failedPrecondition` for another layout than this program's.
    init?(stored bytes: [UInt8], of path: String) throws(ImpRAGError) {
        let data = Data(bytes)
        // First: the rest of another layout may have other fields.
        guard let schema = (try? JSONDecoder().decode(Version.self, from: data))?.schema else { return nil }
        guard schema == PartitionFormat.schema else { throw Self.otherLayout(path, schema) }
        guard let header = try? JSONDecoder().decode(PartitionHeader.self, from: data) else { return nil }
        self = header
    }

    /// The bytes to store.
    var bytes: [UInt8] { (try? JSONEncoder().encode(self)).map { Array($0) } ?? [] }

    static func otherLayout(_ path: String, _ schema: Int? = nil) -> ImpRAGError {
        ImpRAGError(
            .failedPrecondition,
            "partition \(path) has \(schema.map { "layout \($0)" } ?? "another layout"), this program reads layout "
                + "\(PartitionFormat.schema); index the corpus again")
    }
}
