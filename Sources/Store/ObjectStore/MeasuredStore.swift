public import Core

/// Counts and times the requests of a node to its store, by operation.
public final class StoreMetrics: Sendable {
    public enum Operation: String, CaseIterable, Sendable {
        case get
        case read
        case put
        case upload
        case download
        case list
        case delete
    }

    private let seconds: [Operation: Histogram]
    private let failures: [Operation: Counter]
    private let clock: any Clock

    /// Throws as `MetricRegistry.counter` does.
    public init(_ metrics: MetricRegistry, clock: any Clock) throws(ImpRAGError) {
        var seconds: [Operation: Histogram] = [:]
        var failures: [Operation: Counter] = [:]
        for operation in Operation.allCases {
            let labels = [MetricLabel("operation", operation.rawValue)]
            seconds[operation] = try metrics.histogram(
                "imprag_store_request_seconds", "How long requests to the store took, failed ones included.",
                labels: labels)
            failures[operation] = try metrics.counter(
                "imprag_failed_store_requests_total", "Requests to the store that failed.", labels: labels)
        }
        self.seconds = seconds
        self.failures = failures
        self.clock = clock
    }

    fileprivate func measure<Value>(
        _ operation: Operation, _ body: () throws(ImpRAGError) -> Value
    ) throws(ImpRAGError) -> Value {
        let start = clock.now
        defer { seconds[operation]?.record(clock.now - start) }
        do throws(ImpRAGError) {
            return try body()
        } catch {
            failures[operation]?.add()
            throw error
        }
    }
}

/// A store whose requests are counted and timed.
public struct MeasuredStore: ObjectStore {
    private let base: any ObjectStore
    private let metrics: StoreMetrics

    public init(_ base: any ObjectStore, _ metrics: StoreMetrics) {
        self.base = base
        self.metrics = metrics
    }

    public var name: String { base.name }

    public var availableSpace: ByteCount? { base.availableSpace }

    public func get(_ key: ObjectKey, limit: Int, deadline: Deadline) throws(ImpRAGError) -> StoredObject? {
        try metrics.measure(.get) { () throws(ImpRAGError) in try base.get(key, limit: limit, deadline: deadline) }
    }

    public func read(_ key: ObjectKey, _ range: Range<Int>, deadline: Deadline) throws(ImpRAGError) -> ObjectPart? {
        try metrics.measure(.read) { () throws(ImpRAGError) in try base.read(key, range, deadline: deadline) }
    }

    public func put(
        _ bytes: [UInt8], as key: ObjectKey, if condition: PutCondition, deadline: Deadline
    ) throws(ImpRAGError) -> PutOutcome {
        try metrics.measure(.put) { () throws(ImpRAGError) in
            try base.put(bytes, as: key, if: condition, deadline: deadline)
        }
    }

    public func upload(_ path: String, as key: ObjectKey, deadline: Deadline) throws(ImpRAGError) {
        try metrics.measure(.upload) { () throws(ImpRAGError) in try base.upload(path, as: key, deadline: deadline) }
    }

    public func download(_ key: ObjectKey, to path: String, deadline: Deadline) throws(ImpRAGError) -> Bool {
        try metrics.measure(.download) { () throws(ImpRAGError) in
            try base.download(key, to: path, deadline: deadline)
        }
    }

    public func list(
        _ prefix: String, after: ObjectKey?, limit: Int, deadline: Deadline
    ) throws(ImpRAGError) -> [ListedObject] {
        try metrics.measure(.list) { () throws(ImpRAGError) in
            try base.list(prefix, after: after, limit: limit, deadline: deadline)
        }
    }

    public func delete(_ key: ObjectKey, deadline: Deadline) throws(ImpRAGError) {
        try metrics.measure(.delete) { () throws(ImpRAGError) in try base.delete(key, deadline: deadline) }
    }

    public func removeUploads(
        _ prefix: String, olderThan age: Duration, deadline: Deadline
    ) throws(ImpRAGError) -> Int {
        // Rare, and no request that anybody waits for.
        try base.removeUploads(prefix, olderThan: age, deadline: deadline)
    }
}
