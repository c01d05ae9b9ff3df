import Core
import Foundation
import TestSupport
import Testing

@testable import ObjectStore

@Suite struct DirectoryStoreTests {
    /// Where the processes of a test meet: a child knows nothing else of its parent.
    private static func meeting(_ parent: Int32) -> String {
        FileManager.default.temporaryDirectory.appending(path: "imprag-test-store-\(parent)").path(
            percentEncoded: false)
    }

    /// Adds up: each process makes objects that nobody has, and counts in one object that all replace.
    private static func compete(_ path: String) throws {
        let store = try DirectoryStore(path: path)
        let own = [UInt8]("\(getpid())".utf8)
        for round in 0..<20 {
            _ = try store.put(own, "log/\(1000 + round)", .absent)
            while true {
                guard let now = try store.get(ObjectKey("count"), limit: 100, deadline: .soon),
                    let count = Int(String(decoding: now.bytes, as: UTF8.self).prefix { $0 != " " })
                else { throw ImpRAGError(.internal, "the count is gone") }
                // Bytes of its own, so that nobody takes another's for it.
                let next = [UInt8]("\(count + 1) by \(getpid())".utf8)
                if case .stored = try store.put(next, "count", .version(now.version)) { break }
            }
        }
    }

    @Test("processes that write at once lose no update, and make each object once")
    func processes() async throws {
        let path = Self.meeting(getpid())
        defer { try? FileManager.default.removeItem(atPath: path) }
        let store = try DirectoryStore(path: path)
        _ = try store.put([UInt8]("0 by nobody".utf8), "count")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    await #expect(processExitsWith: .success) { try Self.compete(Self.meeting(getppid())) }
                }
            }
        }
        #expect(try store.bytes("count").map { String(decoding: $0, as: UTF8.self) }?.hasPrefix("60 by") == true)
        #expect(try store.list("log/", after: nil, limit: 100, deadline: .soon).count == 20)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/.new").isEmpty)
    }

    @Test("whenever a writer is killed, objects are whole, old or new")
    func killed() async throws {
        let path = Self.meeting(-getpid())
        defer { try? FileManager.default.removeItem(atPath: path) }
        let store = try DirectoryStore(path: path)
        for _ in 0..<3 {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                let store = try DirectoryStore(path: Self.meeting(-getppid()))
                Thread {
                    Thread.sleep(forTimeInterval: 0.15)
                    kill(getpid(), SIGKILL)
                }.start()
                for number in 0... {
                    let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 300_000)
                    _ = try store.put(bytes, "a/object")
                }
            }
            let bytes = try #require(try store.bytes("a/object"))
            #expect(bytes.count == 300_000 && Set(bytes).count == 1)
            // Nor does the dead one's lock keep the next out.
            _ = try store.put([1], "a/other")
        }
    }

    @Test("files without a name go when their writer must be dead, and stay while it may live")
    func leftovers() throws {
        let directory = try TemporaryDirectory()
        _ = try DirectoryStore(path: directory.path)
        for (name, hours) in [("old", 25.0), ("new", 1.0)] {
            let path = directory.file(".new/\(name)")
            try Data([1]).write(to: URL(filePath: path))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -3600 * hours)], ofItemAtPath: path)
        }
        _ = try DirectoryStore(path: directory.path)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file(".new")) == ["new"])
    }

    @Test("folders go with their last object, and come again")
    func folders() throws {
        let directory = try TemporaryDirectory()
        let store = try DirectoryStore(path: directory.path)
        for _ in 0..<2 {
            _ = try store.put([1], "a/b/c")
            _ = try store.put([2], "a/d")
            try store.delete(ObjectKey("a/b/c"), deadline: .soon)
            #expect(!FileManager.default.fileExists(atPath: directory.file("a/b")))
            #expect(try store.bytes("a/d") == [2])
        }
        // Another process has removed the folder that this one knows.
        try FileManager.default.removeItem(atPath: directory.file("a"))
        guard case .stored = try store.put([3], "a/d", .absent) else { throw ImpRAGError(.internal, "lost") }
    }

    @Test("an uploaded file takes no room twice, and a folder is no object")
    func links() throws {
        let directory = try TemporaryDirectory()
        let store = try DirectoryStore(path: directory.file("store"))
        let path = directory.file("file")
        try Data(repeating: 7, count: 100_000).write(to: URL(filePath: path))
        try store.upload(path, as: ObjectKey("checkpoint/0/file"), deadline: .soon)
        #expect(try store.download(ObjectKey("checkpoint/0/file"), to: directory.file("copy"), deadline: .soon))
        let numbers = try [path, directory.file("store/checkpoint/0/file"), directory.file("copy")].map {
            try FileManager.default.attributesOfItem(atPath: $0)[.systemFileNumber] as? Int
        }
        #expect(Set(numbers).count == 1)
        #expect(try store.bytes("checkpoint/0") == nil)
    }

    @Test("a write waits for whoever holds the lock, until its deadline")
    func locked() throws {
        let directory = try TemporaryDirectory()
        let store = try DirectoryStore(path: directory.path)
        let held = FileManager.default.createFile(atPath: directory.file(".lock"), contents: nil)
        #expect(held)
        let descriptor = try FileHandle(forWritingTo: URL(filePath: directory.file(".lock")))
        #expect(flock(descriptor.fileDescriptor, LOCK_EX) == 0)
        let error = #expect(throws: ImpRAGError.self) {
            try store.put([1], as: ObjectKey("a"), if: .always, deadline: .after(milliseconds: 30))
        }
        #expect(error?.code == .deadlineExceeded && error?.message.contains(".lock") == true)
        // A commit needs none.
        guard case .stored = try store.put([1], "log/1", .absent) else { throw ImpRAGError(.internal, "lost") }
    }

    @Test(
        "what is no key is refused",
        arguments: ["", "/a", "a/", "a//b", "../a", "a/.b", "a b", "ä", String(repeating: "a", count: 513)])
    func keys(text: String) {
        let error = #expect(throws: ImpRAGError.self) { try ObjectKey(text) }
        #expect(error?.code == .invalidArgument)
    }
}
