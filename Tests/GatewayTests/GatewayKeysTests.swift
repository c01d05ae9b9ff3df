import Core
import Foundation
import HTTPServer
import Messaging
import Synchronization
import TestSupport
import Testing

@testable import Gateway

/// The keys of HTTP clients.
struct GatewayKeysTests {
    private let keys: TestKeyList
    private let clock = HandClock()

    init() throws {
        keys = try TestKeyList()
    }

    private func status(of body: () throws(GatewayFailure) -> Void) -> Int? {
        do throws(GatewayFailure) {
            try body()
            return nil
        } catch {
            #expect(!error.error.message.contains("-secret"))
            #expect((error.response.headers["WWW-Authenticate"] == "Bearer") == (error.status == 401))
            return error.status
        }
    }

    @Test("a key lets its holder do what its role says")
    func roles() throws {
        for (name, role) in [("page", KeyRole.read), ("loader", .write), ("root", .admin)] { try keys.add(name, role) }
        let gateway = GatewayKeys(try keys.ring(), clock: clock)
        for (header, role, right) in [
            ("Bearer page-secret", .read, nil), ("bearer page-secret", .read, nil), ("Bearer page-secret", .write, 403),
            ("Bearer loader-secret", .write, nil), ("Bearer loader-secret", .read, nil),
            ("Bearer loader-secret", .admin, 403), ("Bearer root-secret", .admin, nil),
            ("Bearer root-secret", .write, nil), ("Bearer page-secreT", .read, 401), ("Bearer page-secre", .read, 401),
            ("Basic page-secret", .read, 401), ("page-secret", .read, 401), ("Bearer ", .read, 401),
            ("Bearer page-secret x", .read, 401), (nil, .read, 401),
        ] as [(String?, KeyRole, Int?)] {
            let found = status { () throws(GatewayFailure) in _ = try gateway.admit(header, for: role) }
            #expect(found == right, "\(header ?? "none") for \(role)")
        }
    }

    @Test("a list that changes counts at once: new keys are let in, and what a revoked one asks for ends")
    func followed() throws {
        let (alice, bob) = (try keys.add("alice"), try keys.add("bob"))
        let gateway = GatewayKeys(try keys.ring(), clock: clock)
        let ended = Atomic(0)
        let admissions = try [alice, bob, alice].map { header in
            let admission = try gateway.admit(header, for: .read)
            admission.onRevoked { ended.add(1, ordering: .relaxed) }
            return admission
        }
        let carol = try keys.add("carol")
        #expect(status { () throws(GatewayFailure) in _ = try gateway.admit(carol, for: .read) } == 401)
        gateway.refresh()
        #expect(status { () throws(GatewayFailure) in _ = try gateway.admit(carol, for: .read) } == nil)
        #expect(ended.load(ordering: .relaxed) == 0)
        try keys.revoke("alice")
        gateway.refresh()
        #expect(ended.load(ordering: .relaxed) == 2)
        #expect(admissions.map { $0.failure?.status } == [401, nil, 401])
        #expect(status { () throws(GatewayFailure) in _ = try gateway.admit(alice, for: .read) } == 401)
        // Who comes too late to wait for it is told at once.
        admissions[0].onRevoked { ended.add(1, ordering: .relaxed) }
        #expect(ended.load(ordering: .relaxed) == 3)
    }

    @Test("a list that is missing or damaged changes nothing")
    func damaged() throws {
        let alice = try keys.add("alice")
        let gateway = GatewayKeys(try keys.ring(), clock: clock)
        let admission = try gateway.admit(alice, for: .read)
        for text in ["", "{", "{}"] {
            try Data(text.utf8).write(to: URL(filePath: keys.path))
            gateway.refresh()
            #expect(admission.failure == nil)
            #expect(status { () throws(GatewayFailure) in _ = try gateway.admit(alice, for: .read) } == nil)
        }
    }

    @Test("a key's limits are its own, and count through all of its requests")
    func limits() throws {
        let limited = try keys.add("alice", .read, KeyLimits(requestsPerMinute: 2))
        let other = try keys.add("bob", .read, KeyLimits(requestsPerMinute: 2))
        let gateway = GatewayKeys(try keys.ring(), clock: clock)
        func ask(_ header: String) -> Int? {
            status { () throws(GatewayFailure) in
                try gateway.admit(header, for: .read).allowance.begin(needsTokens: false)
            }
        }
        #expect([ask(limited), ask(limited), ask(limited), ask(other)] == [nil, nil, 429, nil])
        // A list that is read again gives nobody anything back.
        try keys.add("carol")
        gateway.refresh()
        #expect(ask(limited) == 429)
        clock.advance(by: .seconds(30))
        #expect([ask(limited), ask(limited)] == [nil, 429])
    }
}
