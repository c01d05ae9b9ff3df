import Core
import Foundation
import Messaging
import TestSupport
import Testing

@Suite struct ListeningTests {
    @Test("an endpoint that other machines can reach needs keys, to listen and to connect")
    func remote() throws {
        let careful = try Messenger(name: "shard-0")
        defer { careful.close() }
        let listening = #expect(throws: ImpRAGError.self) { try careful.listen(on: "tcp://*:*") { _ in } }
        #expect(listening?.code == .permissionDenied)
        let connecting = #expect(throws: ImpRAGError.self) { try careful.connect(to: "tcp://10.0.0.1:1", name: "x") }
        #expect(connecting?.code == .permissionDenied)
        #expect(connecting?.message.contains("--key FILE or IMPRAG_KEY") == true)
        let keys = try TestKeys()
        let node = try keys.node(at: "tcp://*:*")
        defer { node.messenger.close() }
        #expect(node.endpoint.hasPrefix("tcp://0.0.0.0:"))
        // A client's key lets nobody in.
        let client = try keys.client(try keys.make("alice"))
        defer { client.close() }
        _ = try client.connect(to: "tcp://10.0.0.1:1", name: "x")
        #expect(throws: ImpRAGError.self) { try client.listen(on: "tcp://*:*") { _ in } }
    }

    @Test("only this user may connect to a socket's file, and nobody else may put another one there")
    func socketFile() throws {
        let directory = try TemporaryDirectory()
        let node = try Messenger(name: "a")
        defer { node.close() }
        try node.listen(on: "ipc://" + directory.file("node")) { _ in }
        let mode = try FileManager.default.attributesOfItem(atPath: directory.file("node"))[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let open = directory.file("open")
        try FileManager.default.createDirectory(atPath: open, withIntermediateDirectories: false)
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: open)
        let error = #expect(throws: ImpRAGError.self) { try node.listen(on: "ipc://\(open)/node") { _ in } }
        #expect(error?.code == .permissionDenied)
        #expect(error?.message.contains("every user of this machine may replace files") == true)
        try FileManager.default.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: open)
        try node.listen(on: "ipc://\(open)/node") { _ in }
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
        #expect(error?.description.contains("\(endpoint): another program listens there") == true)
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
