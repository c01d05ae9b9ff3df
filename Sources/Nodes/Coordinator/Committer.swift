import Cluster
import Core
import Platform
import Storage
import Synchronization

/// Commits clients' updates to the collection's log, on a thread of its own. Updates that wait while a segment is being
/// written share the next one.
final class Committer: Sendable {
    private struct Waiting {
        let update: LogUpdate
        let deadline: Deadline
        let promise: Promise<LogPlace>
    }

    private struct State {
        var waiting: [Waiting] = []
        /// Whether the thread is to look at them; one job for all keeps its queue short.
        var isQueued = false
    }

    private let open: @Sendable () throws(ImpRAGError) -> CollectionLog
    /// Opened in the background: searches need no store.
    private let log = Mutex<CollectionLog?>(nil)
    private let state = Mutex(State())
    private let limit: Int
    private let clock: any Clock
    private let pool: any Workers
    private let newest = Atomic(0)
    private let commits = Counter()
    private let failures = Counter()
    private let updates = Counter()
    private let seconds = Histogram()

    /// The longest that one segment may take, whatever its updates' deadlines say: others wait behind it.
    private static let commitMilliseconds = 30_000

    /// - Parameters:
    ///   - open: opens the log; called again by the next update when it throws.
    ///   - limit: updates that may wait.
    init(
        limit: Int, on environment: NodeEnvironment,
        open: @escaping @Sendable () throws(ImpRAGError) -> CollectionLog
    ) throws(ImpRAGError) {
        self.open = open
        self.limit = limit
        clock = environment.clock
        pool = try environment.workers(1, "commit", queueLimit: 2)
    }

    func register(in metrics: MetricRegistry) throws(ImpRAGError) {
        try metrics.counter("imprag_commits_total", "Segments that were written to the log.") {
            [commits] in commits.value
        }
        try metrics.counter("imprag_failed_commits_total", "Segments that could not be written, or may have been.") {
            [failures] in failures.value
        }
        try metrics.counter("imprag_committed_updates_total", "Updates in the segments that were written.") {
            [updates] in updates.value
        }
        try metrics.histogram("imprag_commit_seconds", "How long writing a segment took, failed ones included.") {
            [seconds] in seconds.figures
        }
        try metrics.waitingRequests(for: "commit") { [weak self] in self?.state.withLock { $0.waiting.count } }
    }

    /// The newest epoch that this node knows of; 0 before the first commit.
    var epoch: Int { newest.load(ordering: .relaxed) }

    /// Bytes of the log after `epoch`, as far as this node has seen them.
    func knownBytes(after epoch: Int) -> Int { log.withLock { $0?.knownBytes(after: epoch) } ?? 0 }

    /// On return `update` is durable in the log: since now, or since it was committed before with the same key.
    ///
    /// - Throws: what opening the log and `CollectionLog.places` throw; `resourceExhausted` when too many updates wait.
    ///   After `unavailable` and `deadlineExceeded` the update may be in the log or not.
    func commit(_ update: LogUpdate, deadline: Deadline) async throws(ImpRAGError) -> LogPlace {
        let promise = Promise<LogPlace>()
        let (isTaken, isFirst) = state.withLock { state in
            // One that nobody waits for any more takes no other's place.
            if state.waiting.count >= limit { state.waiting.removeAll { $0.promise.isSettled } }
            guard state.waiting.count < limit else { return (false, false) }
            state.waiting.append(Waiting(update: update, deadline: deadline, promise: promise))
            defer { state.isQueued = true }
            return (true, !state.isQueued)
        }
        guard isTaken else {
            throw ImpRAGError(
                .resourceExhausted, "\(limit) updates wait to be written, which is the limit; try again later")
        }
        if isFirst { queue() }
        return try await promise.value()
    }

    /// Has the thread look at what waits.
    private func queue() {
        do throws(ImpRAGError) {
            try pool.submit { [self] in commitWaiting() }
        } catch {
            // It stops. Whoever is told so must not wait on, nor be committed later.
            let waiting = state.withLock { state in
                defer { state = State() }
                return state.waiting
            }
            for waiting in waiting { waiting.promise.fulfil(.failure(error)) }
        }
    }

    /// Opens the log now instead of with the first update.
    func openLog(report: @escaping @Sendable (String) -> Void) {
        // Refused only by a node that stops.
        try? pool.submit { [self] in
            do throws(ImpRAGError) {
                let log = try opened()
                let head = try log.head(deadline: .after(milliseconds: Self.commitMilliseconds, on: clock))
                newest.max(head, ordering: .relaxed)
                try log.remember(deadline: .after(milliseconds: Self.commitMilliseconds, on: clock))
                report("takes updates: the log of the index is at epoch \(head)")
            } catch {
                report("cannot take updates: \(error)")
            }
        }
    }

    func stop() {
        pool.stop()
    }

    func join(milliseconds: Int) -> Bool {
        pool.join(milliseconds: milliseconds)
    }

    /// Runs on the commit thread.
    private func commitWaiting() {
        state.withLock { $0.isQueued = false }
        while commitNext() {}
    }

    /// Commits as many of the updates that wait as one segment takes. False when none waits.
    private func commitNext() -> Bool {
        let group = state.withLock { state in
            // An update that nobody waits for any more is not begun.
            state.waiting.removeAll { $0.promise.isSettled }
            let count = LogUpdate.countFitting(state.waiting.lazy.map(\.update))
            defer { state.waiting.removeFirst(count) }
            return Array(state.waiting.prefix(count))
        }
        guard !group.isEmpty else { return false }
        commit(group)
        return true
    }

    private func commit(_ group: [Waiting]) {
        guard let latest = group.map(\.deadline).max() else { return }
        let start = clock.now
        defer { seconds.record(clock.now - start) }
        do throws(ImpRAGError) {
            let places = try opened().places(
                of: group.map(\.update), deadline: latest.within(milliseconds: Self.commitMilliseconds))
            newest.max(places.map(\.epoch).max() ?? 0, ordering: .relaxed)
            commits.add()
            updates.add(group.count)
            for (place, waiting) in zip(places, group) { waiting.promise.fulfil(.success(place)) }
        } catch  where error.code == .invalidArgument && group.count > 1 {
            // Nothing was written. One that is wrong fails no other.
            for waiting in group { commit([waiting]) }
        } catch {
            failures.add()
            for waiting in group { waiting.promise.fulfil(.failure(error)) }
        }
    }

    private func opened() throws(ImpRAGError) -> CollectionLog {
        if let log = log.withLock({ $0 }) { return log }
        let opened = try open()
        log.withLock { $0 = opened }
        return opened
    }
}
