public import Core
import HTTP
import Synchronization

extension EtcdClient {
    /// Why a watch ended.
    public enum WatchEnd: Hashable, Sendable {
        /// Nobody wants more, or its time was over: the next one begins at this revision.
        case ended(next: Int)
        /// What happened since cannot be told any more: a fresh range tells what is.
        case lost
    }

    /// Follows all keys that begin with `prefix`, from the revision `start`, for at most until `deadline`.
    ///
    /// - Parameters:
    ///   - isWanted: asked about once a second; false ends it.
    ///   - deliver: takes the events of one answer, in order, perhaps none.
    /// - Throws: `unavailable` and others when the endpoint fails; the next call asks the next endpoint.
    public func watch(
        prefix: String, from start: Int, deadline: Deadline, isWanted: @escaping @Sendable () -> Bool,
        deliver: @escaping @Sendable ([EtcdEvent]) -> Void
    ) throws(ImpRAGError) -> WatchEnd {
        let endpoint = endpoint
        let request = EtcdMessage.object([
            "create_request": EtcdMessage.object([
                "key": EtcdMessage.bytes(prefix), "range_end": EtcdMessage.bytes(EtcdMessage.end(of: prefix)),
                "start_revision": EtcdMessage.number(start),
            ])
        ])
        let lines = Mutex(WatchLines(next: start))
        let stream = HTTPStream(isWanted: isWanted) { bytes in
            let (events, goesOn) = lines.withLock { $0.take(bytes, from: endpoint) }
            if !events.isEmpty { deliver(events) }
            return goesOn
        }
        do throws(ImpRAGError) {
            _ = try authorized(endpoint, "/v3/watch", EtcdMessage.encode(request), stream: stream, deadline)
        } catch  where error.code == .deadlineExceeded && lines.withLock({ $0.isCreated }) {
            // Its time was over.
        } catch {
            leave(endpoint)
            throw error
        }
        let (end, failure, isCreated) = lines.withLock { ($0.isLost, $0.failure, $0.isCreated) }
        if end { return .lost }
        if let failure {
            leave(endpoint)
            throw failure
        }
        if !isCreated, isWanted() {
            leave(endpoint)
            throw ImpRAGError(.unavailable, "etcd at \(endpoint) ended a watch before it began")
        }
        return .ended(next: lines.withLock { $0.next })
    }
}

/// What came of a watch so far: one JSON text a line.
struct WatchLines {
    private var partial: [UInt8] = []
    /// The revision after the last one that was told.
    private(set) var next: Int
    /// The watch stands.
    private(set) var isCreated = false
    private(set) var isLost = false
    private(set) var failure: ImpRAGError?

    init(next: Int) { self.next = next }

    /// Returns the events of all whole lines, and whether more is wanted.
    mutating func take(_ bytes: [UInt8], from endpoint: String) -> ([EtcdEvent], Bool) {
        var events: [EtcdEvent] = []
        var rest = bytes[...]
        do throws(ImpRAGError) {
            while let end = rest.firstIndex(of: 0x0A) {
                partial += rest[..<end]
                rest = rest[(end + 1)...]
                defer { partial = [] }
                guard partial.contains(where: { $0 != 0x20 && $0 != 0x0D }) else { continue }
                events += try read(EtcdClient.value(of: partial, endpoint), endpoint)
                guard !isLost else { return (events, false) }
            }
            guard partial.count + rest.count <= EtcdClient.answerLimit else {
                throw ImpRAGError(
                    .dataLoss, "etcd at \(endpoint) sent a line of more than \(ByteCount(EtcdClient.answerLimit))")
            }
            partial += rest
        } catch {
            failure = error
            return (events, false)
        }
        return (events, true)
    }

    private mutating func read(_ line: JSONField, _ endpoint: String) throws(ImpRAGError) -> [EtcdEvent] {
        if let error = try line.optional("error") {
            let code = try error.etcdNumber("grpc_code")
            throw EtcdClient.failure(
                code: code == 0 ? try error.etcdNumber("code") : code,
                message: try error.optional("message")?.string() ?? "the watch failed", endpoint)
        }
        let result = try line.required("result")
        let revision = try result.etcdRevision()
        if try result.member("created").bool(absent: false) {
            isCreated = true
            // An etcd that was set up anew, or from an old backup, would be silent until it gets there again.
            if revision + 1 < next { isLost = true }
        }
        if try result.etcdNumber("compact_revision") > 0 { isLost = true }
        if try result.member("canceled").bool(absent: false), !isLost {
            throw ImpRAGError(
                .unavailable,
                "etcd at \(endpoint) ended a watch: \(try result.optional("cancel_reason")?.string() ?? "no reason")")
        }
        guard !isLost else { return [] }
        var events: [EtcdEvent] = []
        for field in try result.optional("events")?.elements() ?? [] {
            let pair = try field.required("kv").etcdPair()
            let isDeletion = try field.optional("type")?.string() == "DELETE"
            events.append(isDeletion ? .deleted(key: pair.key, revision: pair.modRevision) : .put(pair))
            next = max(next, pair.modRevision + 1)
        }
        return events
    }
}
