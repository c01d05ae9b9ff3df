import Core
import Foundation
import Messaging
import Synchronization
import TestSupport

/// A key list in a file, and a clock that a test moves.
final class TestKeyList {
    private(set) var list: KeyList
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        list = KeyList(serverKey: try ServerKeys().publicKey)
        try write()
    }

    var path: String { directory.file("keys.json") }

    /// Adds a key whose secret is `NAME-secret`, and returns the header that shows it.
    @discardableResult
    func add(_ name: String, _ role: KeyRole = .read, _ limits: KeyLimits = KeyLimits()) throws -> String {
        let digest = BearerKey.digest(of: "\(name)-secret")
        let key = BearerKey(name: name, role: role, digest: digest, created: "2026-01-01T00:00:00Z", limits: limits)
        if let problem = list.add(key) {
            throw ImpRAGError(.internal, problem)
        }
        try write()
        return "Bearer \(name)-secret"
    }

    func revoke(_ name: String) throws {
        _ = list.removeBearer(name)
        try write()
    }

    func write() throws { try Data(try list.encoded()).write(to: URL(filePath: path), options: .atomic) }

    func ring() throws -> KeyRing { try KeyRing(path: path) { _ in } }
}

final class HandClock: Clock {
    private let time = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { time.withLock(\.self) }

    func advance(by duration: Duration) { time.withLock { $0 += duration } }

    func schedule(at instant: ContinuousClock.Instant, _ body: @escaping @Sendable () -> Void) -> Alarm {
        preconditionFailure("nothing here waits")
    }
}
