import Core
import Foundation
import Messaging
import TestSupport
import Wire

/// A cluster's keys in a directory: a list, the cluster's own pair, and whatever keys a test makes.
final class TestKeys {
    let server: ServerKeys
    private(set) var list: KeyList
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        server = try ServerKeys()
        list = KeyList(serverKey: server.publicKey)
        try write()
    }

    var path: String { directory.file("keys.json") }

    /// A key that is in the list, unless it is not to be.
    func make(_ name: String, _ role: KeyRole = .read, isListed: Bool = true) throws -> KeyFile {
        let key = try KeyFile(making: name, role: role, server: server)
        if isListed { try add(key) }
        return key
    }

    func add(_ key: KeyFile) throws {
        let problem = list.add(
            AccessKey(name: key.name, role: key.role, publicKey: key.publicKey, created: "2026-11-29T00:00:00Z"))
        if let problem { throw ImpRAGError(.internal, problem) }
        try write()
    }

    func revoke(_ name: String) throws {
        _ = list.remove(name)
        try write()
    }

    /// Replaces the list's file by `text`.
    func overwrite(_ text: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    func write() throws {
        try Data(try list.encoded()).write(to: URL(filePath: path), options: .atomic)
    }

    /// A node that answers every request with a ping.
    ///
    /// - Parameter handler: answers requests instead.
    func node(
        _ name: String = "shard-0", at endpoint: String = "tcp://127.0.0.1:*",
        handler: @escaping @Sendable (IncomingRequest) -> Void = { _ = $0.reply(.ping) }
    ) throws -> (messenger: Messenger, endpoint: String) {
        let key = try make("node-of-\(name)", .node)
        let keys = try MessengerKeys(node: key, ring: try KeyRing(path: path) { _ in })
        let messenger = try Messenger(name: name, keys: keys)
        return (messenger, try messenger.listen(on: endpoint, handler: handler))
    }

    func client(_ key: KeyFile) throws -> Messenger {
        try Messenger(name: "", keys: MessengerKeys(client: key))
    }
}
