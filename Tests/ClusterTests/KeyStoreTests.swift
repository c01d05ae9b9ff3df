import Core
import Foundation
import Messaging
import TestSupport
import Testing

@testable import Cluster

@Suite struct KeyStoreTests {
    private let directory: TemporaryDirectory
    private let store: KeyStore

    init() throws {
        directory = try TemporaryDirectory()
        store = KeyStore(path: directory.file("keys.json"))
    }

    private func create(_ name: String, _ role: KeyRole) throws -> KeyFile {
        _ = try store.create(name, role: role, output: directory.file("\(name).key"))
        return try KeyFile(path: directory.file("\(name).key"))
    }

    private func mode(_ name: String) throws -> Int {
        try #require(
            try FileManager.default.attributesOfItem(atPath: directory.file(name))[.posixPermissions] as? Int)
    }

    @Test("the first key makes the list; holders know the cluster, and only nodes have its secret")
    func first() throws {
        let (alice, node) = (try create("alice", .write), try create("n1", .node))
        #expect(try store.list().keys.map(\.name) == ["alice", "n1"])
        #expect(try store.list().serverKey == alice.serverKey)
        #expect(alice.serverKey == node.serverKey && alice.publicKey != node.publicKey)
        #expect(try mode("alice.key") == 0o600 && mode("n1.key") == 0o600 && mode("keys.json.server") == 0o600)
        _ = try MessengerKeys(node: node, ring: try KeyRing(path: store.path) { _ in })
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        #expect(names == ["alice.key", "keys.json", "keys.json.audit", "keys.json.server", "n1.key"])
    }

    @Test("a name that is taken, a file that is there and an unknown name are refused, and nothing changes")
    func refused() throws {
        _ = try create("alice", .read)
        let before = try store.list()
        let taken = #expect(throws: ImpRAGError.self) {
            try store.create("alice", role: .admin, output: directory.file("other.key"))
        }
        #expect(taken?.message.contains("there is a key \"alice\" already") == true)
        let there = #expect(throws: ImpRAGError.self) {
            try store.create("bob", role: .admin, output: directory.file("alice.key"))
        }
        #expect(there?.code == .failedPrecondition)
        let unknown = #expect(throws: ImpRAGError.self) { try store.revoke("alise") }
        #expect(unknown?.code == .notFound)
        #expect(unknown?.message.contains("did you mean \"alice\"?") == true)
        #expect(try store.list() == before)
        #expect(!FileManager.default.fileExists(atPath: directory.file("other.key")))
    }

    @Test("a list alone is enough for keys of clients, and not for those of nodes; a damaged list is left alone")
    func withoutServer() throws {
        _ = try create("alice", .read)
        try FileManager.default.removeItem(atPath: directory.file("keys.json.server"))
        let bob = try create("bob", .admin)
        #expect(bob.serverKey == (try store.list().serverKey))
        let error = #expect(throws: ImpRAGError.self) { try create("n", .node) }
        #expect(error?.message.contains("keys.json.server is missing") == true)
        try Data("{".utf8).write(to: URL(filePath: store.path))
        #expect(throws: ImpRAGError.self) { try create("carol", .read) }
        #expect(try String(contentsOfFile: store.path, encoding: .utf8) == "{")
    }

    @Test("every change of the list is a line of its audit log, without secrets")
    func audit() throws {
        _ = try create("alice", .write)
        try store.revoke("alice")
        _ = try create("bob", .node)
        let text = try String(contentsOfFile: store.path + ".audit", encoding: .utf8)
        struct Line: Decodable, Equatable {
            let request: String
            let key: String
            let key_role: String
        }
        let lines = try text.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        #expect(
            lines == [
                Line(request: "keys create", key: "alice", key_role: "write"),
                Line(request: "keys revoke", key: "alice", key_role: "write"),
                Line(request: "keys create", key: "bob", key_role: "node"),
            ])
        let secret = try JSONDecoder().decode(
            [String: String].self, from: Data(contentsOf: URL(filePath: directory.file("alice.key"))))["secret"]
        #expect(!text.contains(try #require(secret)))
    }

    @Test("a key for HTTP is in the list by its digest and limits alone, under a name of its own, until it is revoked")
    func bearers() throws {
        _ = try create("alice", .write)
        let limits = KeyLimits(requestsPerMinute: 60, tokensPerMinute: nil)
        let (page, secret) = try store.createBearer("page", role: .read, limits: limits, output: nil)
        #expect(secret.hasPrefix("imprag_") && secret.utf8.count == 7 + 64)
        let output = directory.file("loader.secret")
        let (_, other) = try store.createBearer("loader", role: .admin, limits: KeyLimits(), output: output)
        #expect(try String(contentsOfFile: output, encoding: .utf8) == other + "\n" && other != secret)
        let mode = try FileManager.default.attributesOfItem(atPath: output)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let list = try store.list()
        #expect(list.bearer(digest: BearerKey.digest(of: secret)) == page && page.limits == limits)
        #expect(list.bearers.map(\.name) == ["page", "loader"] && list.keys.map(\.name) == ["alice"])
        for name in ["page", "alice"] {
            let taken = #expect(throws: ImpRAGError.self) {
                try store.createBearer(name, role: .read, limits: KeyLimits(), output: nil)
            }
            #expect(taken?.message.contains("there is a key \"\(name)\" already") == true)
        }
        #expect(throws: ImpRAGError.self) {
            try store.createBearer("n", role: .node, limits: KeyLimits(), output: nil)
        }
        try store.revoke("page")
        #expect(try store.list().bearer(digest: page.digest) == nil)
        for file in [store.path, store.path + ".audit"] {
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(!text.contains(secret) && !text.contains(other))
        }
    }
}
