import Core
import Foundation
import TestSupport
import Testing

@testable import Messaging

@Suite struct EndpointTests {
    @Test(
        "what only this machine can reach is local",
        arguments: [
            "ipc:///run/imprag/shard-0", "tcp://127.0.0.1:7400", "tcp://127.9.9.9:1", "tcp://localhost:*",
            "tcp://[::1]:80",
        ])
    func local(text: String) throws {
        #expect(try Endpoint(text).isLocal)
    }

    @Test(
        "what other machines can reach is not",
        arguments: [
            "tcp://*:7400", "tcp://0.0.0.0:7400", "tcp://127.0.0.1.example:7400", "tcp://shard-0:7400", "tcp://[::]:1",
        ])
    func remote(text: String) throws {
        #expect(try !Endpoint(text).isLocal)
    }

    @Test(
        "what is no endpoint is refused",
        arguments: [
            "", "ipc://", "tcp://", "tcp://:1", "tcp://host", "tcp://host:", "tcp://host:0", "tcp://host:65536", "tcp:",
            "http://host:1", "inproc://x", "tcp://h:\u{0}1", "ipc://" + String(repeating: "x", count: 108),
        ])
    func malformed(text: String) {
        let error = #expect(throws: ImpRAGError.self) { try Endpoint(text) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("an endpoint that other machines can reach needs permission in words, to listen and to connect")
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

    @Test("an address that is taken is said to be")
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
}
