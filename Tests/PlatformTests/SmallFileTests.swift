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
        "a secret is for its owner alone, and is never written over")
    func writing() throws {
        let directory = try TemporaryDirectory()
        let secret = directory.file("secret")
        try SmallFile.createSecret(Array("s".utf8), at: secret)
        #expect(!(try SmallFile(path: secret, limit: 9).isPublic))
        #expect(throws: ImpRAGError.self) { try SmallFile.createSecret(Array("t".utf8), at: secret) }
        #expect(try SmallFile(path: secret, limit: 9).bytes == Array("s".utf8))
    }

    @Test("what several append to a file follows each other, and who may read it is said when it is made")
    func appending() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("log")
        let files = try [AppendFile(path: path, isForGroup: true), AppendFile(path: path)]
        for (file, text) in zip(files + files, ["one\n", "two\n", "three\n", "four\n"]) { try file.append(text) }
        #expect(try SmallFile(path: path, limit: 99).bytes == Array("one\ntwo\nthree\nfour\n".utf8))
        _ = try AppendFile(path: path + "2")
        for (name, permissions) in [("log", 0o640), ("log2", 0o600)] {
            let attributes = try FileManager.default.attributesOfItem(atPath: directory.file(name))
            let found = try #require(attributes[.posixPermissions] as? Int)
            #expect(found & ~permissions == 0, "\(name)")
        }
        let missing = #expect(throws: ImpRAGError.self) { try AppendFile(path: path + "/a") }
        #expect(missing?.message.contains(path + "/a") == true)
    }
}
