import Core
import Foundation
import TestSupport
import Testing

@testable import Messaging

@Suite struct KeyListTests {
    private let server: ServerKeys

    init() throws {
        server = try ServerKeys()
    }

    private func key(_ name: String, _ role: KeyRole) throws -> KeyFile {
        try KeyFile(making: name, role: role, server: server)
    }

    private func list() throws -> KeyList {
        var list = KeyList(serverKey: server.publicKey)
        for (number, role) in KeyRole.allCases.enumerated() {
            let file = try key("key-\(number)", role)
            let problem = list.add(
                AccessKey(name: file.name, role: role, publicKey: file.publicKey, created: "2026-11-29T00:00:00Z"))
            #expect(problem == nil)
        }
        return list
    }

    private func problem(_ text: String) throws -> String {
        let error = #expect(throws: ImpRAGError.self) { try KeyList(decoding: Array(text.utf8), source: "keys.json") }
        #expect(error?.code == .invalidArgument)
        return try #require(error).message
    }

    @Test("a list is read as it was written, and finds each key by its public half until that is removed")
    func roundTrip() throws {
        var list = try list()
        #expect(try KeyList(decoding: try list.encoded(), source: "keys.json") == list)
        for key in list.keys { #expect(list[key.publicKey] == key) }
        let key = list.remove("key-1")
        let removed = try #require(key)
        #expect(removed.role == .write)
        #expect(list[removed.publicKey] == nil)
        #expect(list.remove("key-1") == nil)
        for key in list.keys { #expect(list[key.publicKey] == key) }
        #expect(try KeyList(decoding: try list.encoded(), source: "keys.json") == list)
    }

    @Test("a name, or a key, stands once in a list; names are plain")
    func unique() throws {
        var list = try list()
        let before = list
        let other = try key("other", .read)
        func add(_ name: String, _ publicKey: String) -> String {
            list.add(AccessKey(name: name, role: .read, publicKey: publicKey, created: "2026-01-01T00:00:00Z")) ?? ""
        }
        #expect(add("key-0", other.publicKey) == "there is a key \"key-0\" already")
        #expect(add("other", list.keys[0].publicKey) == "the key of \"other\" is also that of \"key-0\"")
        #expect(add("other", list.serverKey).contains("the cluster's own"))
        #expect(add("o/ther", other.publicKey).contains("is not 1 to 64"))
        #expect(add("", other.publicKey).contains("is not 1 to 64"))
        #expect(list == before)
    }

    @Test("what is wrong with a list is said with the path of the field")
    func wrong() throws {
        let name = server.publicKey
        #expect(try problem("{}").contains("server: is missing"))
        #expect(try problem("{}").contains("keys: is missing"))
        #expect(try problem("[]").contains("an object"))
        #expect(try problem("{\"server\": \"short\", \"keys\": []}").contains("server: is no key"))
        #expect(try problem("{\"server\": \"\(name)\", \"keys\": [], \"key\": 1}").contains("did you mean \"keys\""))
        let entry = "{\"name\": \"a b\", \"role\": \"king\", \"public\": 7}"
        let message = try problem("{\"server\": \"\(name)\", \"keys\": [\(entry)]}")
        #expect(message.contains("keys[0].name: \"a b\" is not 1 to 64"), "\(message)")
        #expect(message.contains("keys[0].role: one of \"read\", \"write\", \"admin\", \"node\""), "\(message)")
        #expect(message.contains("keys[0].public: "), "\(message)")
    }

    @Test("keys for HTTP are read as they were written, and what is wrong with one is said with the path of the field")
    func bearers() throws {
        var list = try list()
        let digest = BearerKey.digest(of: "secret")
        let (limits, created) = (KeyLimits(requestsPerMinute: 5, tokensPerMinute: 1000), "2026-01-01T00:00:00Z")
        for (name, digest, limits) in [("page", digest, limits), ("b", BearerKey.digest(of: "b"), KeyLimits())] {
            let key = BearerKey(name: name, role: .read, digest: digest, created: created, limits: limits)
            #expect(list.add(key) == nil)
        }
        let same = BearerKey(name: "c", role: .read, digest: digest, created: created)
        #expect(list.add(same)?.contains("\"page\"") == true)
        let copy = try KeyList(decoding: try list.encoded(), source: "keys.json")
        #expect(copy == list && copy.bearer(digest: digest)?.limits == limits)
        #expect(list.removeBearer("page")?.digest == digest && list.bearer(digest: digest) == nil)
        #expect(list.bearer(digest: BearerKey.digest(of: "b"))?.name == "b" && list.removeBearer("page") == nil)
        let entry = #"{"name": "a", "role": "node", "sha256": "AB", "requests_per_minute": 0, "public": "x"}"#
        let message = try problem(#"{"server": "\#(server.publicKey)", "keys": [], "bearers": [\#(entry)]}"#)
        for words in ["bearers[0].sha256: is no digest", "bearers[0].requests_per_minute", "bearers[0].public"] {
            #expect(message.contains(words), "\(message)")
        }
    }

    @Test("no beginning of a list is taken for one")
    func cut() throws {
        let bytes = try list().encoded()
        // The last byte is the line's end.
        for count in 0..<bytes.count - 1 {
            #expect(throws: ImpRAGError.self) { try KeyList(decoding: Array(bytes.prefix(count)), source: "keys.json") }
        }
    }

    @Test(
        "a key file is read as it was written, unless everybody may read it or its halves do not fit; errors hold no secret"
    )
    func keyFile() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("alice.key")
        for role in KeyRole.allCases {
            let made = try key("alice", role)
            #expect((made.serverSecret != nil) == (role == .node))
            let read = try KeyFile(decoding: try made.encoded(), source: "alice.key")
            #expect(read.publicKey == made.publicKey && read.secretKey == made.secretKey && read.role == role)
            #expect(read.serverKey == server.publicKey && read.serverSecret == made.serverSecret)
        }
        let (made, other) = (try key("alice", .node), try key("bob", .read))
        let text = String(decoding: try made.encoded(), as: UTF8.self)
        for (old, new) in [
            (made.publicKey, other.publicKey), (try #require(made.serverSecret), other.secretKey), ("node", "nodes"),
        ] {
            let changed = text.replacingOccurrences(of: old, with: new)
            let error = #expect(throws: ImpRAGError.self) { try KeyFile(decoding: Array(changed.utf8), source: "f") }
            let message = error?.description ?? ""
            #expect(!message.contains(made.secretKey) && !message.contains(other.secretKey), "\(message)")
        }
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let open = #expect(throws: ImpRAGError.self) { try KeyFile(path: path) }
        #expect(open?.code == .permissionDenied)
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        #expect(try KeyFile(path: path).name == "alice")
        #expect(#expect(throws: ImpRAGError.self) { try KeyFile(path: path + "x") }?.code == .notFound)
    }

    @Test("a node's keys must be a node's, and of the list's cluster")
    func nodeKeys() throws {
        let keys = try TestKeys()
        let ring = try KeyRing(path: keys.path) { _ in }
        _ = try MessengerKeys(node: try keys.make("n", .node), ring: ring)
        let client = #expect(throws: ImpRAGError.self) {
            try MessengerKeys(node: try keys.make("a", .admin), ring: ring)
        }
        #expect(client?.code == .invalidArgument)
        let stranger = #expect(throws: ImpRAGError.self) {
            try MessengerKeys(node: try TestKeys().make("n", .node), ring: ring)
        }
        #expect(stranger?.code == .failedPrecondition)
    }
}
