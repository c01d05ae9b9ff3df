public import Core
import Foundation
public import Messaging
import Platform

/// A key list on the disk, and what `imprag keys` does with it.
///
/// Beside the list `PATH` are `PATH.server`, the cluster's own pair of keys, which only this user may read and which is
/// needed to make keys of nodes, and `PATH.audit`, a line for each change. The first key that is made makes all three.
public struct KeyStore: Sendable {
    public let path: String

    /// - Parameter path: the list's.
    public init(path: String) {
        self.path = path
    }

    private var serverPath: String { path + ".server" }
    private var auditPath: String { path + ".audit" }

    /// Makes a key, writes the holder's key file to `output`, and then adds the key to the list.
    ///
    /// - Throws: `invalidArgument` for a name that is wrong or taken, `failedPrecondition` when something stands at
    ///   `output`, or the cluster's own pair is needed and missing; what is wrong with the list; what the disk says.
    public func create(_ name: String, role: KeyRole, output: String) throws(ImpRAGError) -> AccessKey {
        try change { list, server throws(ImpRAGError) in
            if role == .node, server.secretKey == nil {
                throw ImpRAGError(
                    .failedPrecondition,
                    "\(serverPath) is missing: the cluster's own pair of keys, without which no node's key can be made; it was "
                        + "made together with the list")
            }
            let file = try KeyFile(making: name, role: role, server: server)
            let key = AccessKey(
                name: name, role: role, publicKey: file.publicKey, created: AuditEntry.text(Date()))
            if let problem = list.add(key) { throw ImpRAGError(.invalidArgument, "\(path): \(problem)") }
            // First the file: a key that is in the list and that nobody has would have to be revoked.
            try SmallFile.createSecret(try file.encoded(), at: output)
            return (AuditEntry("keys create", of: key, by: NSUserName(), at: Date()), key)
        }
    }

    /// Makes a key for a client of the gateway and adds it to the list, which holds its digest alone.
    ///
    /// - Parameter output: gets the secret; nil: only the caller has it.
    /// - Returns: the key and its secret.
    /// - Throws: as `create` does; also `invalidArgument` for the role node.
    public func createBearer(
        _ name: String, role: KeyRole, limits: KeyLimits, output: String?
    ) throws(ImpRAGError) -> (key: BearerKey, secret: String) {
        try change { list, _ throws(ImpRAGError) in
            let secret = BearerKey.makeSecret()
            let key = BearerKey(
                name: name, role: role, digest: BearerKey.digest(of: secret), created: AuditEntry.text(Date()),
                limits: limits)
            if let problem = list.add(key) { throw ImpRAGError(.invalidArgument, "\(path): \(problem)") }
            if let output { try SmallFile.createSecret(Array((secret + "\n").utf8), at: output) }
            return (AuditEntry("keys create", of: key, by: NSUserName(), at: Date()), (key, secret))
        }
    }

    /// Takes the key called `name` from the list. Nodes and gateways notice within a second.
    ///
    /// - Throws: `notFound`, naming the keys that are near.
    public func revoke(_ name: String) throws(ImpRAGError) {
        try change { list, _ throws(ImpRAGError) in
            if let key = list.remove(name) {
                return (AuditEntry("keys revoke", of: key, by: NSUserName(), at: Date()), ())
            }
            if let key = list.removeBearer(name) {
                return (AuditEntry("keys revoke", of: key, by: NSUserName(), at: Date()), ())
            }
            let near = nearestName(to: name, among: list.names).map { "; did you mean \"\($0)\"?" }
            throw ImpRAGError(.notFound, "\(path) has no key \"\(name)\"\(near ?? "")")
        }
    }

    /// The list as it is.
    public func list() throws(ImpRAGError) -> KeyList {
        try KeyList(decoding: try SmallFile(path: path, limit: KeyList.fileByteLimit).bytes, source: path)
    }

    /// Changes the list, which `body` does, and says so in the audit file. One process at a time.
    private func change<Made>(
        _ body: (inout KeyList, ServerKeys) throws(ImpRAGError) -> (AuditEntry, Made)
    ) throws(ImpRAGError) -> Made {
        let lock = try FileLock.waiting(
            path: path + ".lock", work: "another `imprag keys` changes \(path)", until: .after(milliseconds: 10_000))
        defer { lock.releaseAndRemove() }
        let server = try serverKeys()
        var list = try current(server)
        let (entry, made) = try body(&list, server)
        // What nobody could read about later is not done.
        let audit = try AppendFile(path: auditPath, isForGroup: true)
        try DurableFile.write(try list.encoded(), to: path)
        try audit.append(entry.line + "\n")
        return made
    }

    /// The list, or an empty one where there is none yet.
    private func current(_ server: ServerKeys) throws(ImpRAGError) -> KeyList {
        do throws(ImpRAGError) {
            let list = try list()
            guard list.serverKey == server.publicKey else {
                throw ImpRAGError(
                    .failedPrecondition, "\(path) and \(serverPath) are of two clusters: their server keys differ")
            }
            return list
        } catch {
            guard error.code == .notFound else { throw error }
            return KeyList(serverKey: server.publicKey)
        }
    }

    /// The cluster's own pair; only the public half where a list came here alone; a new pair where there is nothing
    /// yet.
    private func serverKeys() throws(ImpRAGError) -> ServerKeys {
        do throws(ImpRAGError) {
            let file = try SmallFile(path: serverPath, limit: KeyList.fileByteLimit)
            return try ServerKeys(decoding: file.bytes, source: serverPath)
        } catch {
            guard error.code == .notFound else { throw error }
        }
        if SmallFile.stamp(of: path) != nil { return ServerKeys(publicKey: try list().serverKey) }
        let made = try ServerKeys()
        try SmallFile.createSecret(try made.encoded(), at: serverPath)
        return made
    }
}
