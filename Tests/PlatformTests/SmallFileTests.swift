import Core
import Foundation
import Platform
import TestSupport
import Testing

@Suite struct SmallFileTests {
    @Test("a file is read whole up to its limit; what is larger, missing or no file is refused")
    func reading() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a")
        try Data("hello".utf8).write(to: URL(filePath: path))
        let file = try SmallFile(path: path, limit: 5)
        #expect(file.bytes == Array("hello".utf8))
        #expect(file.stamp == SmallFile.stamp(of: path))
        #expect(#expect(throws: ImpRAGError.self) { try SmallFile(path: path, limit: 4) }?.code == .invalidArgument)
        #expect(
            #expect(throws: ImpRAGError.self) { try SmallFile(path: directory.path, limit: 4) }?.code
                == .invalidArgument)
        #expect(#expect(throws: ImpRAGError.self) { try SmallFile(path: path + "x", limit: 4) }?.code == .notFound)
        #expect(SmallFile.stamp(of: path + "x") == nil)
    }

    @Test(
        "a secret is for its owner alone, and is never written over; lines are appended to a file that may come and go")
    func writing() throws {
        let directory = try TemporaryDirectory()
        let secret = directory.file("secret")
        try SmallFile.createSecret(Array("s".utf8), at: secret)
        #expect(!(try SmallFile(path: secret, limit: 9).isPublic))
        #expect(throws: ImpRAGError.self) { try SmallFile.createSecret(Array("t".utf8), at: secret) }
        #expect(try SmallFile(path: secret, limit: 9).bytes == Array("s".utf8))
        let log = directory.file("log")
        try SmallFile.prepareAppending(to: log)
        try SmallFile.append(line: "one", to: log)
        try SmallFile.append(line: "two", to: log)
        #expect(try SmallFile(path: log, limit: 99).bytes == Array("one\ntwo\n".utf8))
        try FileManager.default.removeItem(atPath: log)
        try SmallFile.append(line: "three", to: log)
        #expect(try SmallFile(path: log, limit: 99).bytes == Array("three\n".utf8))
    }
}
