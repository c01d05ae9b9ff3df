import Foundation
import Platform

/// Where one tensor stands.
struct StoredTensor: Sendable {
    let name: String
    /// As the file spells it.
    let dtype: String
    let shape: [Int]
    let file: MappedFile
    /// Of the file's bytes.
    let range: Range<Int>
}

extension MappedFile {
    /// Without its folder.
    var name: String { URL(filePath: path).lastPathComponent }
}
