public import Core

extension EtcdClient {
    /// All keys that begin with `prefix`, as the whole etcd agrees on them.
    ///
    /// - Throws: as every call: `unavailable` or `deadlineExceeded` when no endpoint answers.
    public func range(prefix: String, deadline: Deadline) throws(ImpRAGError) -> EtcdRange {
        let answer = try call(
            "/v3/kv/range",
            EtcdMessage.object([
                "key": EtcdMessage.bytes(prefix), "range_end": EtcdMessage.bytes(EtcdMessage.end(of: prefix)),
            ]), deadline: deadline)
        return EtcdRange(pairs: try answer.etcdPairs(), revision: try answer.etcdRevision())
    }

    /// The pair of `key`; nil when it is not there.
    public func pair(_ key: String, deadline: Deadline) throws(ImpRAGError) -> EtcdPair? {
        try call("/v3/kv/range", EtcdMessage.object(["key": EtcdMessage.bytes(key)]), deadline: deadline).etcdPairs()
            .first
    }

    /// What a conditional put found.
    public enum Put: Hashable, Sendable {
        /// At this revision.
        case stored(revision: Int)
        /// Somebody else was there first; nil: the key is gone.
        case lost(EtcdPair?)
    }

    /// Puts a value under a lease when the key's last change is still the one at `expected`; 0: when there is no such
    /// key.
    public func put(
        _ key: String, _ value: [UInt8], lease: Int, expecting expected: Int, deadline: Deadline
    ) throws(ImpRAGError) -> Put {
        let name = EtcdMessage.bytes(key)
        let answer = try call(
            "/v3/kv/txn",
            EtcdMessage.object([
                "compare": Self.unchanged(name, since: expected),
                "success": .array([
                    EtcdMessage.object([
                        "request_put": EtcdMessage.object([
                            "key": name, "value": EtcdMessage.bytes(value), "lease": EtcdMessage.number(lease),
                        ])
                    ])
                ]),
                "failure": .array([
                    EtcdMessage.object(["request_range": EtcdMessage.object(["key": name])])
                ]),
            ]), deadline: deadline)
        if try answer.member("succeeded").bool(absent: false) {
            return .stored(revision: try answer.etcdRevision())
        }
        let there = try answer.optional("responses")?.elements().first?.optional("response_range")?.etcdPairs().first
        // The endpoint before this one may have stored it, and its answer was lost.
        if let there, there.value == value, there.lease == lease { return .stored(revision: there.modRevision) }
        return .lost(there)
    }

    /// Deletes `key` when its last change is still the one at `expected`.
    public func delete(_ key: String, expecting expected: Int, deadline: Deadline) throws(ImpRAGError) {
        let name = EtcdMessage.bytes(key)
        _ = try call(
            "/v3/kv/txn",
            EtcdMessage.object([
                "compare": Self.unchanged(name, since: expected),
                "success": .array([
                    EtcdMessage.object(["request_delete_range": EtcdMessage.object(["key": name])])
                ]),
            ]), deadline: deadline)
    }

    /// The condition that the last change of `key` is still the one at `revision`.
    private static func unchanged(_ key: JSONValue, since revision: Int) -> JSONValue {
        .array([
            EtcdMessage.object([
                "key": key, "target": .string("MOD"), "result": .string("EQUAL"),
                "mod_revision": EtcdMessage.number(revision),
            ])
        ])
    }

    // MARK: Leases

    /// A new lease, which ends when it is not renewed for about `seconds`. Returns its number.
    public func grantLease(seconds: Int, deadline: Deadline) throws(ImpRAGError) -> Int {
        let answer = try call(
            "/v3/lease/grant", EtcdMessage.object(["TTL": EtcdMessage.number(seconds)]), deadline: deadline)
        let lease = try answer.etcdNumber("ID")
        guard lease != 0 else { throw answer.failure("names no lease") }
        return lease
    }

    /// Renews a lease. Returns false when it is over.
    public func keepAlive(lease: Int, deadline: Deadline) throws(ImpRAGError) -> Bool {
        do throws(ImpRAGError) {
            let answer = try call(
                "/v3/lease/keepalive", EtcdMessage.object(["ID": EtcdMessage.number(lease)]), deadline: deadline)
            return try answer.required("result").etcdNumber("TTL") > 0
        } catch  where error.code == .notFound {
            return false
        }
    }

    /// Ends a lease, with everything that was put under it.
    public func revoke(lease: Int, deadline: Deadline) throws(ImpRAGError) {
        do throws(ImpRAGError) {
            _ = try call("/v3/lease/revoke", EtcdMessage.object(["ID": EtcdMessage.number(lease)]), deadline: deadline)
        } catch  where error.code == .notFound {
            // It was over already.
        }
    }
}
