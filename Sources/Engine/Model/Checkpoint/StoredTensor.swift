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

extension StoredTensor {
    private static let pieceBytes = 16 << 20

    /// Calls `body` with the bytes piece by piece, each with its offset in the tensor, and lets the system evict each
    /// piece afterwards: a role that needs few layers must not keep all of them resident.
    func forEachPiece(_ body: (_ bytes: RawSpan, _ start: Int) -> Void) {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Self.pieceBytes) {
            let piece = start..<min(start + Self.pieceBytes, range.upperBound)
            file.withBytes(in: piece) { body($0, start - range.lowerBound) }
            file.release(piece)
        }
    }

    /// What is wrong when number `place` is NaN or infinite.
    func notFinite(at place: Int) -> String {
        let width = shape.dropFirst().reduce(1, *)
        let (row, column) = place.quotientAndRemainder(dividingBy: max(1, width))
        let at = shape.count > 1 ? "row \(row), column \(column)" : "row \(row)"
        return
            "\(file.name): tensor \(name) holds a weight that is not finite in \(at); the file is damaged, or training diverged"
    }
}
