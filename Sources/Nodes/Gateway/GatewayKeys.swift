import Core
import Messaging
import Synchronization

/// Lets in clients by the keys for HTTP of the cluster's key list, as that is now, and each within its limits.
final class GatewayKeys: Sendable {
    private struct Weak: Sendable {
        weak let admission: Admission?
    }

    private struct State {
        /// Of keys that have been used, by their digests.
        var allowances: [String: Allowance] = [:]
        /// Requests that go on, by number.
        var admissions: [UInt64: Weak] = [:]
        var lastNumber: UInt64 = 0
    }

    private let ring: KeyRing
    private let clock: any Clock
    private let state = Mutex(State())

    init(_ ring: KeyRing, clock: any Clock) {
        self.ring = ring
        self.clock = clock
    }

    /// Throws `unauthenticated` without a key of the list, `permissionDenied` when it is not good for `role`.
    func admit(_ authorization: String?, for role: KeyRole) throws(GatewayFailure) -> Admission {
        let words = authorization?.split(separator: " ") ?? []
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            throw GatewayFailure(ImpRAGError(.unauthenticated, "a key is needed: Authorization: Bearer KEY"))
        }
        let unknown = GatewayFailure(ImpRAGError(.unauthenticated, "there is no such key"))
        let digest = BearerKey.digest(of: words[1])
        guard let key = ring.list.bearer(digest: digest) else { throw unknown }
        guard key.role.includes(role) else {
            throw GatewayFailure(
                ImpRAGError(
                    .permissionDenied,
                    "the key \"\(key.name)\" is of the role \(key.role.rawValue); this takes one of the role \(role.rawValue)"
                ))
        }
        let admission = enter(key)
        // Whoever has taken the key away since has not seen this request.
        guard ring.list.bearer(digest: digest) == key else { throw unknown }
        return admission
    }

    private func enter(_ key: BearerKey) -> Admission {
        state.withLock { state in
            let known = state.allowances[key.digest].flatMap { $0.limits == key.limits ? $0 : nil }
            let allowance = known ?? Allowance(of: key, clock: clock)
            state.allowances[key.digest] = allowance
            state.lastNumber += 1
            let number = state.lastNumber
            let admission = Admission(key, allowance) { [weak self] in
                _ = self?.state.withLock { $0.admissions.removeValue(forKey: number) }
            }
            state.admissions[number] = Weak(admission: admission)
            return admission
        }
    }

    /// Reads the list again if it has changed, and ends what those ask for whose keys are not in it any more.
    func refresh() {
        guard ring.refresh() else { return }
        let list = ring.list
        let known = state.withLock { state in
            state.allowances = state.allowances.filter { list.bearer(digest: $0.key) != nil }
            return state.admissions.values.compactMap(\.admission)
        }
        for admission in known {
            // A key of another role is another key.
            if list.bearer(digest: admission.key.digest)?.role != admission.key.role { admission.revoke() }
        }
    }
}

extension KeyRole {
    /// Whether a client of this role may do what takes `other`.
    fileprivate func includes(_ other: KeyRole) -> Bool {
        let order: [KeyRole] = [.read, .write, .admin]
        guard let own = order.firstIndex(of: self), let needed = order.firstIndex(of: other) else { return false }
        return own >= needed
    }
}
