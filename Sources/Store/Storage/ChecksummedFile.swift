// Layout: one JSON object, keys sorted, indented; its last line before the closing brace is
//
//       "checksum" : "<64 hexadecimal digits>"
//
// the SHA-256 of all bytes before the comma that precedes that line. So the file stays JSON for every other reader.

package import Core
internal import Foundation
internal import Platform

/// Small JSON files with a checksum in them, replaced atomically.
package enum ChecksummedFile {
    private static let opening = ",\n  \"checksum\" : \""
    private static let closing = "\"\n}\n"
    /// No manifest comes near it: a larger file is not ours.
    package static let limitBytes = 64 << 20

    /// Replaces the file at `path`; see `DurableFile.write`.
    package static func write(_ value: some Encodable, to path: String) throws(ImpRAGError) {
        try DurableFile.write(bytes(of: value, as: path), to: path)
    }

    /// The file's contents.
    ///
    /// - Parameter name: what errors call it.
    package static func bytes(of value: some Encodable, as name: String) throws(ImpRAGError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text: String
        do {
            text = String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw ImpRAGError(.internal, "\(name) cannot be encoded", cause: error)
        }
        precondition(text.hasSuffix("\n}"), "not a JSON object")
        let body = Array(text.utf8.dropLast(2))
        return body + Array((opening + digest(of: body) + closing).utf8)
    }

    /// The one field that every format has.
    private struct Version: Decodable {
        var format: Int
    }

    /// Reads the file at `path`, whose object has a field `format`.
    ///
    /// - Parameters:
    ///   - format: the version that is understood.
    ///   - oldest: understood too, with all in between; nil for no other.
    ///   - remedy: what to do about another version, as the end of a sentence.
    /// - Throws: `notFound` when there is no such file, `failedPrecondition` for another format, `dataLoss` when it is
    ///   not what was written.
    package static func read<Value: Decodable>(
        _ type: Value.Type, from path: String, format: Int, oldest: Int? = nil, remedy: String
    ) throws(ImpRAGError) -> Value {
        let reader = try FileByteReader(path: path)
        var bytes: [UInt8] = []
        while try reader.read(into: &bytes) > 0 {
            guard bytes.count <= limitBytes else {
                throw ImpRAGError(.dataLoss, "\(path) is larger than \(ByteCount(limitBytes)): it is not ours")
            }
        }
        return try value(type, from: bytes, named: path, format: format, oldest: oldest, remedy: remedy)
    }

    /// As `read`, of a file's contents.
    package static func value<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], named path: String, format: Int, oldest: Int? = nil, remedy: String
    ) throws(ImpRAGError) -> Value {
        let tailCount = opening.utf8.count + 64 + closing.utf8.count
        guard bytes.count > tailCount else {
            throw ImpRAGError(.dataLoss, "\(path) is damaged: its \(bytes.count) bytes end before the checksum line")
        }
        let body = Array(bytes.dropLast(tailCount))
        let tail = Array((opening + digest(of: body) + closing).utf8)
        guard bytes.suffix(tailCount).elementsEqual(tail) else {
            throw ImpRAGError(
                .dataLoss,
                "\(path) is damaged: its bytes do not match the checksum in its last lines; index the corpus again")
        }
        do {
            // First: the rest of another format may have other fields.
            let found = try JSONDecoder().decode(Version.self, from: Data(bytes)).format
            guard ((oldest ?? format)...format).contains(found) else {
                throw ImpRAGError(
                    .failedPrecondition, "\(path) has format \(found), this program reads \(format); \(remedy)")
            }
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as ImpRAGError {
            throw error
        } catch {
            throw ImpRAGError(.dataLoss, "\(path) has another format than this program writes", cause: error)
        }
    }

    private static func digest(of bytes: [UInt8]) -> String {
        hexadecimal(SHA256.digest(of: bytes))
    }
}
