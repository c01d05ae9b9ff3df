import Core
import Foundation
import TestSupport
import Testing

@testable import Platform

@Suite struct FileLineReaderTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func file(_ bytes: [UInt8], _ name: String = "file") throws -> String {
        let path = directory.file(name)
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    /// `bytes` through the system's gzip.
    private func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let path = try file(bytes, "plain-\(UUID().uuidString)")
        let process = Process()
        process.executableURL = URL(filePath: "/bin/gzip")
        process.arguments = ["-f", path]
        try process.run()
        process.waitUntilExit()
        return Array(try Data(contentsOf: URL(filePath: path + ".gz")))
    }

    private func readAll(_ path: String) throws(ImpRAGError) -> [UInt8] {
        let reader = try FileByteReader(path: path)
        var bytes: [UInt8] = []
        while try reader.read(into: &bytes) > 0 {}
        return bytes
    }

    private func random(_ count: Int, seed: UInt64, lineFeedEvery period: UInt8 = 50) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            let byte = UInt8.random(in: 0...255, using: &generator)
            return byte % period == 0 ? 0x0A : byte
        }
    }

    @Test(
        "lines are what stands between line feeds, whatever the sizes",
        arguments: [0, 1, 2, 100, 262_143, 262_144, 700_001])
    func lines(count: Int) throws {
        let bytes = random(count, seed: UInt64(count))
        var reader = try FileLineReader(path: try file(bytes))
        var pieces = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        if pieces.last?.isEmpty == true { pieces.removeLast() }
        var offset = 0
        for (index, piece) in pieces.enumerated() {
            let line = try #require(try reader.next())
            #expect(line.number == index + 1 && line.offset == offset && line.byteCount == piece.count)
            #expect(!line.isTooLong && line.bytes.elementsEqual(piece))
            offset += piece.count + 1
        }
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
        #expect(reader.consumedBytes == count && reader.totalBytes == count)
    }

    @Test("a line above the limit is reported with its size and passed over, wherever it stands")
    func longLines() throws {
        for size in [101, 262_144, 1_000_000] {
            let long = [UInt8](repeating: 7, count: size)
            let limit = [UInt8](repeating: 8, count: 100)
            var reader = try FileLineReader(path: try file(long + [10] + limit + [10] + long), limitBytes: 100)
            let first = try #require(try reader.next())
            #expect(first.isTooLong && first.byteCount == size && first.bytes.isEmpty && first.offset == 0)
            let second = try #require(try reader.next())
            #expect(second.bytes == limit && second.number == 2 && second.offset == size + 1)
            let third = try #require(try reader.next())
            #expect(third.isTooLong && third.byteCount == size && third.number == 3 && third.offset == size + 102)
            #expect(try reader.next() == nil)
        }
    }

    @Test("gzip is read whatever the file's name, with several members and padding", arguments: [0, 1, 1000, 900_000])
    func gzipFiles(count: Int) throws {
        // Compressible and not, so that one piece of input gives many pieces of output and the other way round.
        let bytes = random(count, seed: 3) + [UInt8](repeating: 0, count: count)
        let compressed = try gzip(bytes)
        #expect(try readAll(try file(compressed)) == bytes)
        #expect(try readAll(try file(compressed + compressed)) == bytes + bytes)
        #expect(
            try readAll(try file(compressed + [0, 0, 0] + compressed + [UInt8](repeating: 0, count: 300_000))) == bytes
                + bytes)
    }

    @Test("a gzip file that is cut anywhere is data loss that names file and byte")
    func truncated() throws {
        let compressed = try gzip(random(3000, seed: 4))
        for count in Array(stride(from: 2, to: compressed.count, by: 37)) + [compressed.count - 1] {
            let path = try file(Array(compressed.prefix(count)))
            let error = #expect(throws: ImpRAGError.self) { try readAll(path) }
            #expect(error?.code == .dataLoss)
            #expect(error?.message.contains("\(path) is a truncated gzip file: it ends at byte \(count)") == true)
        }
        // The second of two members.
        let path = try file(compressed + compressed.prefix(100))
        #expect(throws: ImpRAGError.self) { try readAll(path) }
    }

    @Test("a gzip file with a flipped bit gives the right bytes or data loss, never others")
    func flipped() throws {
        let bytes = random(3000, seed: 5)
        let compressed = try gzip(bytes)
        var generator = SeededGenerator(seed: 6)
        var refused = 0
        for _ in 0..<200 {
            var damaged = compressed
            damaged[Int.random(in: 2..<damaged.count, using: &generator)] ^= UInt8(
                1 << Int.random(in: 0..<8, using: &generator))
            let path = try file(damaged)
            do throws(ImpRAGError) {
                #expect(try readAll(path) == bytes)
            } catch {
                #expect(error.code == .dataLoss)
                refused += 1
            }
        }
        #expect(refused > 100)
        let garbage = #expect(throws: ImpRAGError.self) { try readAll(try file(compressed + Array("garbage".utf8))) }
        #expect(garbage?.code == .dataLoss)
    }

    @Test("stored bytes are given as they are where the caller asks")
    func stored() throws {
        let compressed = try gzip(random(1000, seed: 7))
        let reader = try FileByteReader(path: try file(compressed), decompressing: false)
        var bytes: [UInt8] = []
        while try reader.read(into: &bytes) > 0 {}
        #expect(bytes == compressed)
    }

    @Test("missing files and directories are refused by name")
    func refusals() throws {
        let missing = #expect(throws: ImpRAGError.self) { try FileByteReader(path: directory.file("none")) }
        #expect(missing?.code == .notFound)
        let folder = #expect(throws: ImpRAGError.self) { try FileByteReader(path: directory.path) }
        #expect(folder?.code == .invalidArgument)
    }

    @Test("a durable file is replaced as a whole; a missing directory is an error")
    func durableFiles() throws {
        let path = directory.file("durable")
        for text in ["first", "", "second, which is longer"] {
            try DurableFile.write(Array(text.utf8), to: path)
            #expect(try readAll(path) == Array(text.utf8))
        }
        #expect(!FileManager.default.fileExists(atPath: path + ".tmp"))
        #expect(throws: ImpRAGError.self) { try DurableFile.write([1], to: directory.file("none/file")) }
    }

    @Test("a lock keeps a second holder out until it is released")
    func locks() throws {
        let path = directory.file("lock")
        let first = try FileLock(path: path, work: "somebody works")
        let error = #expect(throws: ImpRAGError.self) { try FileLock(path: path, work: "somebody works") }
        #expect(error?.code == .failedPrecondition && error?.message == "somebody works")
        first.release()
        try FileLock(path: path, work: "").release()
        let last = try FileLock(path: path, work: "")
        last.releaseAndRemove()
        #expect(!FileManager.default.fileExists(atPath: path))
        try FileLock(path: path, work: "").release()
    }
}
