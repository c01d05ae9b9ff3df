import Core
import Etcd

/// The nodes that are registered, as far as this process knows. Pure: events in, changes out.
struct Registry {
    struct Entry: Hashable, Sendable {
        let registration: Registration
        /// The revision at which it was put.
        let revision: Int
        let lease: Int
    }

    private let prefix: String
    /// By name.
    private(set) var entries: [String: Entry] = [:]
    /// Entries that cannot be read, by name, and why.
    private(set) var faults: [String: String] = [:]
    /// Everything up to this revision of etcd is in here; nil before the first range.
    private(set) var revision: Int?

    /// - Parameter prefix: that of the nodes' keys.
    init(prefix: String) { self.prefix = prefix }

    /// Replaces everything by what etcd has. Also for an etcd that has less than before: it was set up anew.
    mutating func reset(to range: EtcdRange) {
        (entries, faults) = ([:], [:])
        revision = range.revision
        for pair in range.pairs { put(pair) }
    }

    mutating func apply(_ events: [EtcdEvent]) {
        for event in events {
            switch event {
            case .put(let pair):
                put(pair)
                revision = max(revision ?? 0, pair.modRevision)
            case .deleted(let key, let deletion):
                revision = max(revision ?? 0, deletion)
                guard let name = name(of: key) else { continue }
                faults[name] = nil
                // Of two events about one key the later one holds.
                if let entry = entries[name], entry.revision < deletion { entries[name] = nil }
            }
        }
    }

    private mutating func put(_ pair: EtcdPair) {
        guard let name = name(of: pair.key), pair.modRevision > entries[name]?.revision ?? 0 else { return }
        do throws(ImpRAGError) {
            let registration = try Registration(pair.value, key: pair.key)
            entries[name] = Entry(registration: registration, revision: pair.modRevision, lease: pair.lease)
            faults[name] = nil
        } catch {
            // Of a later version, or written by hand: not counted, and no reason to stop.
            entries[name] = nil
            faults[name] = error.message
        }
    }

    /// Nil for a key that is none of a node.
    private func name(of key: String) -> String? {
        guard key.hasPrefix(prefix) else { return nil }
        let name = String(key.dropFirst(prefix.count))
        return ClusterFile.isName(name) ? name : nil
    }
}
