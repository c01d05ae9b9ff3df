import Foundation
import TestSupport
import Tokenizer

/// Reference tokenizers and vectors that stand beside the checkout.
enum Reference {
    /// One line of a vectors file; which fields are there depends on the file.
    struct Row: Decodable {
        var text: String?
        var ids: [Int32]?
        var ids_with_special: [Int32]?
        var decoded: String?
        var decoded_without_special: String?
    }

    /// The tokenizer in `directory` of the shared data, which is gzipped there.
    static func tokenizer(_ directory: String) throws -> Tokenizer {
        guard let packed = SharedData.path("data/\(directory)/tokenizer.json.gz") else {
            throw CocoaError(.fileNoSuchFile)
        }
        let temporary = try TemporaryDirectory()
        let file = temporary.file("tokenizer.json")
        guard FileManager.default.createFile(atPath: file, contents: nil) else { throw CocoaError(.fileWriteUnknown) }
        let output = try FileHandle(forWritingTo: URL(filePath: file))
        let gzip = Process()
        gzip.executableURL = URL(filePath: "/usr/bin/gzip")
        gzip.arguments = ["-dc", packed]
        gzip.standardOutput = output
        try gzip.run()
        gzip.waitUntilExit()
        try output.close()
        return try Tokenizer(path: file)
    }

    static func rows(_ path: String) throws -> [Row] { try rows(path, as: Row.self) }

    /// The lines of a file of the shared data; a line ends only at LF.
    static func rows<Line: Decodable>(_ path: String, as: Line.Type) throws -> [Line] {
        guard let path = SharedData.path(path) else { throw CocoaError(.fileNoSuchFile) }
        let decoder = JSONDecoder()
        return try Data(contentsOf: URL(filePath: path)).split(separator: 0x0A).map {
            try decoder.decode(Line.self, from: $0)
        }
    }
}
