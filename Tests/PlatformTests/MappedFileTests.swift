import Core
import Foundation
import Platform
import TestSupport
import Testing

@Suite struct MappedFileTests {
    @Test("a mapped file shows its bytes, whole and in part")
    func showsBytes() throws {
        let directory = try TemporaryDirectory()
        try Data([1, 2, 3, 4, 5]).write(to: URL(filePath: directory.file("five")))
        let file = try MappedFile(path: directory.file("five"))
        #expect(file.count == 5)
        #expect(file.withBytes { $0.byteCount } == 5)
        #expect(file.withBytes(in: 2..<4) { $0.byteCount } == 2)
    }

    @Test("an empty file maps to no bytes")
    func emptyFile() throws {
        let directory = try TemporaryDirectory()
        try Data().write(to: URL(filePath: directory.file("empty")))
        let file = try MappedFile(path: directory.file("empty"))
        #expect(file.withBytes { $0.byteCount } == 0)
    }

    @Test("a missing file, a pipe and a directory are refused at once")
    func refusals() throws {
        let directory = try TemporaryDirectory()
        let missing = #expect(throws: ImpRAGError.self) { try MappedFile(path: directory.file("absent")) }
        #expect(missing?.code == .notFound)
        #expect(missing?.message.contains("absent") == true)
        let pipe = directory.file("pipe")
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        #expect(throws: ImpRAGError.self) { try MappedFile(path: pipe) }
        let folder = #expect(throws: ImpRAGError.self) { try MappedFile(path: directory.path) }
        #expect(folder?.code == .invalidArgument)
    }
}
