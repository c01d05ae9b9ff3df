import Core
import Foundation
import Messaging
import TestSupport
import Testing

@Suite struct ListeningTests {
    @Test("an endpoint that other machines can reach needs explicit permission, to listen and to connect")
    func permission() throws {
        let careful = try Messenger(name: "shard-0")
        defer { careful.close() }
        let listening = #expect(throws: ImpRAGError.self) { try careful.listen(on: "tcp://*:*") { _ in } }
        #expect(listening?.code == .permissionDenied)
        let connecting = #expect(throws: ImpRAGError.self) { try careful.connect(to: "tcp://10.0.0.1:1", name: "x") }
        #expect(connecting?.code == .permissionDenied)
        let open = try Messenger(name: "shard-0", allowRemote: true)
        defer { open.close() }
        #expect(try open.listen(on: "tcp://*:*") { _ in }.hasPrefix("tcp://0.0.0.0:"))
    }

    @Test("an address that is taken is reported as such")
    func taken() throws {
        let first = try Messenger(name: "a")
        defer { first.close() }
        let endpoint = try first.listen(on: "tcp://127.0.0.1:*") { _ in }
        let second = try Messenger(name: "b")
        defer { second.close() }
        let error = #expect(throws: ImpRAGError.self) { try second.listen(on: endpoint) { _ in } }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.description.contains(endpoint) == true)
    }

    @Test("an ipc path that another messenger serves is not taken from it, and is free when that one has closed")
    func takenPath() async throws {
        let directory = try TemporaryDirectory()
        let endpoint = "ipc://" + directory.file("node")
        let first = try Messenger(name: "a")
        defer { first.close() }
        try first.listen(on: endpoint) { _ in }
        let second = try Messenger(name: "b")
        defer { second.close() }
        let error = #expect(throws: ImpRAGError.self) { try second.listen(on: endpoint) { _ in } }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains(endpoint) == true)
        try await second.connect(to: endpoint, name: "a").ping(deadline: .soon)
        first.close()
        #expect(!FileManager.default.fileExists(atPath: directory.file("node")))
        try second.listen(on: endpoint) { _ in }
    }

    @Test(
        "a file at an ipc path that is no socket stays, and the error names it; a dead process's socket is replaced")
    func foreignFile() throws {
        let directory = try TemporaryDirectory()
        let node = try Messenger(name: "a")
        defer { node.close() }
        let notes = directory.file("notes.txt")
        try Data("precious".utf8).write(to: URL(filePath: notes))
        try FileManager.default.createSymbolicLink(atPath: directory.file("link"), withDestinationPath: notes)
        for name in ["notes.txt", "link", ""] {
            let endpoint = "ipc://" + directory.file(name)
            let error = #expect(throws: ImpRAGError.self) { try node.listen(on: endpoint) { _ in } }
            #expect(error?.code == .failedPrecondition)
            #expect(error?.message.contains(endpoint) == true, "\(error?.message ?? "")")
        }
        #expect(try String(contentsOfFile: notes, encoding: .utf8) == "precious")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["link", "notes.txt"])
        let left = directory.file("left")
        let listener = try UnixListener(path: left)
        listener.close()
        #expect(FileManager.default.fileExists(atPath: left))
        try node.listen(on: "ipc://" + left) { _ in }
    }
}
