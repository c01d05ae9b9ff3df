import Core
import Etcd
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Cluster

/// A node's part in a real etcd.
@Suite(.enabled(if: EtcdServer.isInstalled, "\(EtcdServer.need)"), .serialized)
struct EtcdMembershipTests {
    private let server: EtcdServer
    private let settings: MembershipSettings

    init() throws {
        server = try EtcdServer()
        settings = MembershipSettings(
            etcd: EtcdSettings(endpoints: [server.endpoint]), prefix: "/imprag/test", leaseSeconds: 5)
    }

    /// What a node was told.
    private final class Told: Sendable {
        let lines = Mutex<[String]>([])
        let isReplaced = Atomic(false)
    }

    private func join(_ name: String, _ role: NodeRole = .shard, _ told: Told = Told()) throws -> EtcdMembership {
        let membership = try EtcdMembership(
            settings, name: name,
            registering: Registration(role: role, endpoint: try Endpoint("ipc:///tmp/\(name)")), on: .system,
            report: { line in told.lines.withLock { $0.append(line) } }, changed: { _ in },
            replaced: { told.isReplaced.store(true, ordering: .relaxed) })
        membership.start()
        return membership
    }

    private func wait(seconds: Double = 15, for condition: () throws -> Bool) rethrows -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end {
            if try condition() { return true }
            Thread.sleep(forTimeInterval: 0.02)
        }
        return false
    }

    private func names(_ membership: EtcdMembership) -> [String] { membership.view.nodes.map(\.name) }

    @Test("nodes see each other, what they announce, and that one is gone once its lease is over")
    func lives() throws {
        let (one, other) = (try join("one"), try join("other", .generator))
        defer { one.stop() }
        #expect(wait { names(one) == ["one", "other"] && names(other) == ["one", "other"] })
        other.update { $0.partitions = [Registration.Served(number: 3, epoch: 9)] }
        #expect(wait { other.isRegistered && one.view.nodes.last?.registration.partitions.first?.number == 3 })
        #expect(one.trouble == nil && one.view.isCurrent)
        other.stop()
        #expect(wait { names(one) == ["one"] })
    }

    @Test("a node whose lease was lost registers again")
    func registersAgain() throws {
        let node = try join("one")
        defer { node.stop() }
        let client = EtcdClient(settings.etcd, clock: SystemClock.shared)
        let key = settings.nodesPrefix + "one"
        var first: EtcdPair?
        #expect(
            try wait {
                first = try client.pair(key, deadline: .after(milliseconds: 5000))
                return first != nil
            })
        try client.revoke(lease: first?.lease ?? 0, deadline: .after(milliseconds: 5000))
        #expect(
            try wait {
                let now = try client.pair(key, deadline: .after(milliseconds: 5000))
                return now.map { $0.lease != first?.lease } ?? false
            })
        #expect(wait { names(node) == ["one"] })
    }

    @Test("a new process takes its name over from one that is gone, or is thought to be; that one is told")
    func takesOver() throws {
        let told = Told()
        let old = try join("one", .shard, told)
        defer { old.stop() }
        #expect(wait { old.isRegistered })
        let new = try join("one", .generator)
        defer { new.stop() }
        #expect(wait { told.isReplaced.load(ordering: .relaxed) })
        #expect(wait { new.isRegistered && new.view.nodes.map(\.registration.role) == [.generator] })
    }

    @Test("an etcd that is away is told, with since when; what was known stays, and is current again when it is back")
    func away() throws {
        let told = Told()
        let (one, other) = (try join("one", .shard, told), try join("other"))
        defer {
            one.stop()
            other.stop()
        }
        #expect(wait { names(one) == ["one", "other"] })
        server.kill()
        #expect(wait { one.trouble != nil && !one.view.isCurrent })
        #expect(one.trouble?.hasPrefix("membership: etcd unreachable since 20") == true)
        #expect(names(one) == ["one", "other"])
        try server.start()
        #expect(wait { one.trouble == nil && one.view.isCurrent && names(one) == ["one", "other"] })
        let lines = told.lines.withLock { $0 }
        #expect(lines.count { $0.contains("what is known goes on") } == 1)
        #expect(lines.contains("etcd answers again"))
    }

    @Test("an etcd that has lost everything is filled again by those who live")
    func wiped() throws {
        let node = try join("one")
        defer { node.stop() }
        #expect(wait { node.isRegistered })
        try server.call("/v3/kv/deleterange", #"{"key":"AA==","range_end":"AA=="}"#)
        let client = EtcdClient(settings.etcd, clock: SystemClock.shared)
        #expect(
            try wait {
                try client.pair(settings.nodesPrefix + "one", deadline: .after(milliseconds: 5000)) != nil
            })
        #expect(wait { names(node) == ["one"] })
    }
}
