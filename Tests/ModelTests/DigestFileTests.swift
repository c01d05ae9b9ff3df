import Foundation
import TestSupport
import Testing

@testable import Model

struct DigestFileTests {
    private func model() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try TinyModel().write(to: directory)
        return directory
    }

    private func kept(_ directory: TemporaryDirectory) -> String? {
        try? String(contentsOfFile: directory.file(DigestFile.name), encoding: .utf8)
    }

    private func digest(_ directory: TemporaryDirectory) throws -> [UInt8] {
        try Checkpoint(directory: directory.path).digest(tied: false, keptFrom: 0)
    }

    @Test("a digest is kept beside the weights and taken from there while these are the same files")
    func taken() throws {
        let directory = try model()
        let computed = try Checkpoint(directory: directory.path).digest(tied: false)
        #expect(kept(directory) == nil, "small models are read every time")
        #expect(try digest(directory) == computed)
        let text = try #require(kept(directory))
        #expect(text.hasPrefix("imprag digest 2\nmodel.safetensors "))
        // Another digest shows whether it is computed or taken.
        let forged = text.dropLast(65) + String(repeating: "0f", count: 32) + "\n"
        try String(forged).write(toFile: directory.file(DigestFile.name), atomically: true, encoding: .utf8)
        #expect(try digest(directory) == [UInt8](repeating: 15, count: 32))
    }

    @Test("weights that are written again, touched, copied over or set back in time are read anew")
    func changed() throws {
        let directory = try model()
        let weights = URL(filePath: directory.file("model.safetensors"))
        let first = try digest(directory)
        let date = try FileManager.default.attributesOfItem(atPath: weights.path)[.modificationDate] as? Date
        var bytes = try Data(contentsOf: weights)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: weights)
        // Same size, and the same time of modification as before.
        try FileManager.default.setAttributes([.modificationDate: date ?? Date()], ofItemAtPath: weights.path)
        let second = try digest(directory)
        #expect(second != first)
        #expect(try digest(directory) == second)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: weights)
        #expect(try digest(directory) == first)
    }

    @Test("a kept digest that is cut, damaged or no text is as good as none, and is replaced")
    func damaged() throws {
        let directory = try model()
        let right = try digest(directory)
        let text = try #require(kept(directory))
        for damaged in [
            Data(), Data(text.utf8.dropLast()), Data(text.utf8.dropLast(9)), Data(text.utf8) + Data("x\n".utf8),
            Data(text.utf8.dropFirst()), Data([0xFF, 0xFE]), Data(text.replacing("digest 2", with: "digest 1").utf8),
        ] {
            try damaged.write(to: URL(filePath: directory.file(DigestFile.name)))
            #expect(try digest(directory) == right)
            #expect(kept(directory) == text)
        }
    }

    @Test("where the digest cannot be kept, it is computed every time")
    func unwritable() throws {
        let directory = try model()
        // A directory in its place cannot be replaced by a file.
        try FileManager.default.createDirectory(
            atPath: directory.file(DigestFile.name) + "/in the way", withIntermediateDirectories: true)
        let first = try digest(directory)
        #expect(try digest(directory) == first)
        #expect(try Checkpoint(directory: directory.path).digest(tied: false) == first)
    }
}
