import Core
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Etcd

/// Against a real etcd.
@Suite(.enabled(if: EtcdServer.isInstalled, "\(EtcdServer.need)"), .serialized)
struct EtcdClientTests {
    private let server: EtcdServer
    private let client: EtcdClient

    init() throws {
        server = try EtcdServer()
        // The first endpoint is one where nobody listens.
        client = EtcdClient(
            EtcdSettings(endpoints: ["http://127.0.0.1:1", server.endpoint]), clock: SystemClock.shared)
    }

    private var soon: Deadline { .after(milliseconds: 5000) }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("a put counts only when nobody else has changed the key, and says what is there")
    func conditions() throws {
        let lease = try client.grantLease(seconds: 5, deadline: soon)
        guard case .stored(let first) = try client.put("/a/x", bytes("1"), lease: lease, expecting: 0, deadline: soon)
        else {
            Issue.record("the first put was lost")
            return
        }
        let there = EtcdPair(key: "/a/x", value: bytes("1"), modRevision: first, lease: lease)
        #expect(try client.put("/a/x", bytes("2"), lease: lease, expecting: 0, deadline: soon) == .lost(there))
        // One whose answer was lost is found again.
        #expect(
            try client.put("/a/x", bytes("1"), lease: lease, expecting: 0, deadline: soon) == .stored(revision: first))
        #expect(try client.put("/a/y", bytes("2"), lease: lease, expecting: 7, deadline: soon) == .lost(nil))
        guard case .stored = try client.put("/a/x", bytes("3"), lease: lease, expecting: first, deadline: soon) else {
            Issue.record("the second put was lost")
            return
        }
        try client.delete("/a/x", expecting: first, deadline: soon)
        #expect(try client.pair("/a/x", deadline: soon)?.value == bytes("3"))
        #expect(try client.range(prefix: "/a", deadline: soon).pairs.map(\.key) == ["/a/x"])
        #expect(try client.range(prefix: "/b", deadline: soon).pairs.isEmpty)
    }

    @Test("a lease that is over is said to be, and takes its keys along")
    func leases() throws {
        let lease = try client.grantLease(seconds: 60, deadline: soon)
        _ = try client.put("/a/x", bytes("1"), lease: lease, expecting: 0, deadline: soon)
        #expect(try client.keepAlive(lease: lease, deadline: soon))
        try client.revoke(lease: lease, deadline: soon)
        try client.revoke(lease: lease, deadline: soon)
        #expect(try !client.keepAlive(lease: lease, deadline: soon))
        #expect(try client.pair("/a/x", deadline: soon) == nil)
        #expect(throws: ImpRAGError.self) {
            try client.put("/a/x", bytes("1"), lease: lease, expecting: 0, deadline: soon)
        }
    }

    @Test("a watch tells everything after a range, ends when nobody wants it, and says when it cannot tell any more")
    func watch() throws {
        let lease = try client.grantLease(seconds: 60, deadline: soon)
        let range = try client.range(prefix: "/a/", deadline: soon)
        _ = try client.put("/a/x", bytes("1"), lease: lease, expecting: 0, deadline: soon)
        _ = try client.put("/b/x", bytes("1"), lease: lease, expecting: 0, deadline: soon)
        try client.revoke(lease: lease, deadline: soon)
        let events = Mutex<[EtcdEvent]>([])
        let end = try client.watch(
            prefix: "/a/", from: range.revision + 1, deadline: .after(milliseconds: 20_000),
            isWanted: { events.withLock { $0.count } < 2 }, deliver: { new in events.withLock { $0 += new } })
        let found = events.withLock { $0 }
        let pair = EtcdPair(key: "/a/x", value: bytes("1"), modRevision: range.revision + 1, lease: lease)
        #expect(found == [.put(pair), .deleted(key: "/a/x", revision: range.revision + 3)])
        #expect(end == .ended(next: range.revision + 4))
        // Its time is over.
        let short = try client.watch(
            prefix: "/a/", from: range.revision + 4, deadline: .after(milliseconds: 300), isWanted: { true },
            deliver: { _ in })
        #expect(short == .ended(next: range.revision + 4))
        try server.call("/v3/kv/compaction", #"{"revision":"\#(range.revision + 3)","physical":true}"#)
        for start in [range.revision + 1, range.revision + 100] {
            let lost = try client.watch(
                prefix: "/a/", from: start, deadline: .after(milliseconds: 20_000), isWanted: { true },
                deliver: { _ in })
            #expect(lost == .lost)
        }
    }

    @Test("an etcd that is away is unavailable, one that hangs is late, and the error names it")
    func away() throws {
        _ = try client.range(prefix: "/", deadline: soon)
        server.signal(19)
        var late: ImpRAGError?
        // All threads stop only a moment after the signal was sent.
        for _ in 0..<10 where late == nil {
            do throws(ImpRAGError) {
                _ = try EtcdClient(EtcdSettings(endpoints: [server.endpoint]), clock: SystemClock.shared)
                    .range(prefix: "/", deadline: .after(milliseconds: 300))
            } catch {
                late = error
            }
        }
        #expect(late?.code == .deadlineExceeded && late?.message.contains(server.endpoint) == true)
        server.signal(18)
        server.kill()
        let error = #expect(throws: ImpRAGError.self) { try client.range(prefix: "/", deadline: soon) }
        #expect(error?.code == .unavailable)
        try server.start()
        #expect(try client.range(prefix: "/", deadline: soon).pairs.isEmpty)
    }

    @Test("a user's token is renewed when it is over, and no error has the password")
    func password() throws {
        let directory = try TemporaryDirectory()
        for (path, body) in [
            ("/v3/auth/user/add", #"{"name":"root","password":"hushhush"}"#),
            ("/v3/auth/role/add", #"{"name":"root"}"#),
            ("/v3/auth/user/grant", #"{"user":"root","role":"root"}"#), ("/v3/auth/enable", "{}"),
        ] {
            try server.call(path, body)
        }
        func client(_ password: String) throws -> EtcdClient {
            try "\(password)\n".write(toFile: directory.file("password"), atomically: true, encoding: .utf8)
            return EtcdClient(
                EtcdSettings(endpoints: [server.endpoint], user: "root", passwordFile: directory.file("password")),
                clock: SystemClock.shared)
        }
        let wrong = try client("wrongwrong")
        let error = #expect(throws: ImpRAGError.self) { try wrong.range(prefix: "/", deadline: soon) }
        #expect(error?.code == .permissionDenied && error?.message.contains("wrongwrong") == false)
        let right = try client("hushhush")
        #expect(try right.range(prefix: "/", deadline: soon).pairs.isEmpty)
        // A restarted etcd knows none of the tokens that it gave out.
        server.kill()
        try server.start()
        #expect(try right.range(prefix: "/", deadline: soon).pairs.isEmpty)
        #expect(throws: ImpRAGError.self) { try self.client.range(prefix: "/", deadline: soon) }
    }
}
