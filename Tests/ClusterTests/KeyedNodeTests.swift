import Core
import Foundation
import Messaging
import TestSupport
import Testing
import Wire

@testable import Cluster

/// A coordinator with keys and an audit log, over real sockets.
@Suite struct KeyedNodeTests {
    /// Commits whatever it gets, except of the id "wrong".
    private struct Service: NodeService {
        let fingerprint: Fingerprint
        let passages = 0
        let detail = "made up"

        func answer(_ request: IncomingRequest) async throws(ImpRAGError) {
            switch request.body {
            case .upsert: request.reply(.upsert(UpsertReply(epoch: 7)))
            case .delete(let delete):
                guard delete.ids != ["wrong"] else { throw ImpRAGError(.dataLoss, "what a pity") }
                request.reply(.delete(DeleteReply(epoch: 8)))
            default: throw ImpRAGError(.notFound, "not here")
            }
        }

        func stop(milliseconds: Int) -> Bool { true }
    }

    private let directory: TemporaryDirectory
    private let server: NodeServer

    init() throws {
        directory = try TemporaryDirectory()
        let store = KeyStore(path: directory.file("keys.json"))
        for (name, role) in [("node", KeyRole.node), ("alice", .write), ("bob", .read)] {
            _ = try store.create(name, role: role, output: directory.file("\(name).key"))
        }
        let cluster = try ClusterConfiguration(
            text: """
                { "partitions": 1, "model": "m", "index": "i", "keys": "keys.json", "key": "node.key", "nodes": [
                    { "name": "c", "role": "coordinator", "listen": "tcp://127.0.0.1:*", "connect": "tcp://127.0.0.1:1",
                      "audit_log": "audit.jsonl" },
                    { "name": "s", "role": "shard", "listen": "ipc:///s", "partitions": [0] },
                    { "name": "g", "role": "generator", "listen": "ipc:///g" } ] }
                """, source: "test", directory: directory.path)
        server = try NodeServer(try cluster.node(named: "c"))
        server.serve(Service(fingerprint: try #require(Fingerprint(bytes: Array(repeating: 5, count: 32)))))
    }

    private func call(_ name: String, _ request: Request) async throws -> ErrorCode? {
        let key = try KeyFile(path: directory.file("\(name).key"))
        let client = try Messenger(name: "", keys: MessengerKeys(client: key))
        defer { client.close() }
        do throws(ImpRAGError) {
            _ = try await client.connect(to: server.endpoint, name: "c").call(
                request, deadline: .after(milliseconds: 10_000))
            return nil
        } catch {
            return error.code
        }
    }

    @Test("a reader cannot change passages, nobody but a node is served as one, and updates are in the audit log")
    func audiences() async throws {
        let passage = Passage(id: "p", title: "", text: "what only readers may know")
        #expect(try await call("alice", .upsert(UpsertRequest(passages: [passage]))) == nil)
        #expect(try await call("bob", .upsert(UpsertRequest(passages: [passage]))) == .permissionDenied)
        #expect(try await call("alice", .delete(DeleteRequest(ids: ["a", "b"]))) == nil)
        #expect(try await call("alice", .delete(DeleteRequest(ids: ["wrong"]))) == .dataLoss)
        #expect(try await call("bob", .search(SearchRequest(prompt: "a"))) == .notFound)
        #expect(try await call("node", .search(SearchRequest(prompt: "a"))) == .permissionDenied)
        #expect(try await call("alice", .apply(ApplyRequest(epoch: 1))) == .permissionDenied)
        #expect(try await call("node", .apply(ApplyRequest(epoch: 1))) == .notFound)
        #expect(try await call("bob", .status) == nil)
        #expect(server.stop(milliseconds: 5000))
        let text = try String(contentsOfFile: directory.file("audit.jsonl"), encoding: .utf8)
        let lines = text.split(separator: "\n").map { $0.replacing(/"time":"[-0-9T:.]+Z"/, with: "") }
        #expect(
            lines == [
                #"{"caller":"alice","epoch":7,"node":"c","passages":1,"request":"upsert","role":"write",}"#,
                #"{"caller":"bob","error":"permission_denied","node":"c","passages":1,"request":"upsert","role":"read",}"#,
                #"{"caller":"alice","epoch":8,"ids":2,"node":"c","request":"delete","role":"write",}"#,
                #"{"caller":"alice","error":"data_loss","ids":1,"node":"c","request":"delete","role":"write",}"#,
            ])
    }

    @Test("an audit log that cannot be written keeps a node from starting, and later loses counted lines alone")
    func auditFailures() throws {
        let nowhere = directory.file("none") + "/audit.jsonl"
        #expect(throws: ImpRAGError.self) { try AuditLog(path: nowhere) { _ in } }
        let folder = directory.file("folder")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let log = try AuditLog(path: folder + "/audit.jsonl") { _ in }
        try FileManager.default.removeItem(atPath: folder)
        let key = AccessKey(name: "a", role: .read, publicKey: "", created: "")
        for _ in 0..<3 { log.record(AuditEntry("keys create", of: key, by: "me", at: Date())) }
        #expect(log.stop(milliseconds: 5000))
        #expect(log.failures.value == 3)
        _ = server.stop(milliseconds: 5000)
    }
}
