import Core
import Foundation
import Platform

extension ObjectReader {
    /// Files beyond this are not settings of a model.
    static let byteLimit = 64 << 20

    /// Reads the file at `path`, whose top level must be an object; problems go to a list of its own, unless one is
    /// given.
    init(file path: String, problems: Problems = Problems()) throws(ImpRAGError) {
        let file = try MappedFile(path: path)
        guard file.count <= Self.byteLimit else {
            throw ImpRAGError(.invalidArgument, "\(path) has \(file.count) bytes; at most \(Self.byteLimit) are read")
        }
        let value = try JSONScanner.value(.file(path), bytes: file.copyBytes(in: 0..<file.count))
        guard case .object(let members) = value else {
            throw ImpRAGError(.invalidArgument, "\(path) holds \(value.text); an object is expected")
        }
        self.init(members, path: URL(filePath: path).lastPathComponent, problems: problems, wording: .sentence)
    }
}
