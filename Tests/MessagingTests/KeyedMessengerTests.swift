import Core
import Foundation
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Messaging

/// Over real sockets: what is tested is what libzmq makes of keys.
@Suite struct KeyedMessengerTests {
    private let keys: TestKeys

    init() throws {
        keys = try TestKeys()
    }

    /// The error of a call that must not wait for its deadline.
    private func failure(_ peer: Peer, _ request: Request = .status) async throws -> ImpRAGError {
        let start = ContinuousClock.now
        let error = await #expect(throws: ImpRAGError.self) {
            try await peer.call(request, deadline: .after(milliseconds: 60_000))
        }
        #expect(ContinuousClock.now - start < .seconds(10), "\(error?.description ?? "")")
        return try #require(error)
    }

    @Test("a request carries the name and the role of the key by which its connection was let in")
    func caller() async throws {
        let seen = Mutex<[Caller]>([])
        let node = try keys.node { request in
            seen.withLock { $0.append(request.caller) }
            request.reply(.ping)
        }
        defer { node.messenger.close() }
        for (name, role) in [("alice", KeyRole.read), ("bob", .admin)] {
            let client = try keys.client(try keys.make(name, role))
            defer { client.close() }
            _ = try await client.connect(to: node.endpoint, name: "shard-0").call(.status, deadline: .soon)
        }
        #expect(
            seen.withLock { $0 } == [.holder(name: "alice", role: .read), .holder(name: "bob", role: .admin)])
    }

    @Test("a socket of this machine's files needs no key, with keys or without")
    func local() async throws {
        let directory = try TemporaryDirectory()
        let seen = Mutex<[Caller]>([])
        let node = try keys.node(at: "ipc://" + directory.file("node")) { request in
            seen.withLock { $0.append(request.caller) }
            request.reply(.ping)
        }
        defer { node.messenger.close() }
        let plain = try Messenger(name: "")
        defer { plain.close() }
        let keyed = try keys.client(try keys.make("alice"))
        defer { keyed.close() }
        for client in [plain, keyed] {
            _ = try await client.connect(to: node.endpoint, name: "shard-0").call(.status, deadline: .soon)
        }
        #expect(seen.withLock { $0 } == [.local, .local])
    }

    @Test("a key that is not in the list is told so at once, and is let in soon after it was added")
    func unknownKey() async throws {
        let node = try keys.node()
        defer { node.messenger.close() }
        let key = try keys.make("alice", isListed: false)
        let client = try keys.client(key)
        defer { client.close() }
        let peer = try client.connect(to: node.endpoint, name: "shard-0")
        let error = try await failure(peer)
        #expect(error.code == .unauthenticated)
        #expect(error.message.contains("does not let in the key \"alice\""), "\(error)")
        #expect(error.message.contains(node.endpoint))
        // While it is denied, nothing waits either.
        #expect(try await failure(peer).code == .unauthenticated)
        try keys.add(key)
        #expect(try await eventually { peer.isConnected })
        try await peer.ping(deadline: .soon)
    }

    @Test("a key of another cluster, no key where one is needed, and a key where none is used are told at once")
    func mismatches() async throws {
        let node = try keys.node()
        defer { node.messenger.close() }
        let plainNode = try Messenger(name: "plain")
        defer { plainNode.close() }
        let plainEndpoint = try plainNode.listen(on: "tcp://127.0.0.1:*") { _ in }

        let stranger = try TestKeys().make("mallory", .admin)
        // Even one that the list has: the server's key is another.
        try keys.add(stranger)
        let cases: [(Messenger, String, String)] = [
            (try keys.client(stranger), node.endpoint, "is of another cluster"),
            (try Messenger(name: ""), node.endpoint, "lets in only who has a key: --key FILE"),
            (try keys.client(try keys.make("alice")), plainEndpoint, "uses no keys"),
        ]
        for (client, endpoint, reason) in cases {
            defer { client.close() }
            let error = try await failure(try client.connect(to: endpoint, name: "node"))
            #expect(error.code == .unauthenticated)
            #expect(error.message.contains(reason), "\(error)")
        }
    }

    @Test(
        "a revoked key is refused on the connection that stands, and other keys are not; a wrong list changes nothing")
    func revoked() async throws {
        let node = try keys.node()
        defer { node.messenger.close() }
        let (alice, bob) = (try keys.client(try keys.make("alice")), try keys.client(try keys.make("bob")))
        defer {
            alice.close()
            bob.close()
        }
        let (fromAlice, fromBob) = (
            try alice.connect(to: node.endpoint, name: "shard-0"), try bob.connect(to: node.endpoint, name: "shard-0")
        )
        try await fromAlice.ping(deadline: .soon)
        try await fromBob.ping(deadline: .soon)
        for text in ["", "{", "{\"server\": \"x\", \"keys\": []}", "{\"server\": \"\(keys.server.publicKey)\"}"] {
            try keys.overwrite(text)
            try await Task.sleep(for: KeyRing.interval * 2)
            try await fromAlice.ping(deadline: .soon)
        }
        try keys.revoke("alice")
        var refusal: ImpRAGError?
        let end = ContinuousClock.now + .seconds(10)
        while refusal == nil, ContinuousClock.now < end {
            do throws(ImpRAGError) {
                _ = try await fromAlice.call(.status, deadline: .soon)
            } catch {
                refusal = error
            }
        }
        #expect(refusal?.code == .unauthenticated)
        #expect(refusal?.message.contains("it was revoked") == true, "\(refusal?.description ?? "")")
        #expect(fromAlice.isConnected)
        _ = try await fromBob.call(.status, deadline: .soon)
        #expect(node.messenger.counters.unauthenticated > 0)
    }
}
