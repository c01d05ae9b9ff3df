package import Core
import Etcd
import Foundation
import Platform
import Synchronization

/// A node's part in the registry: keeps its own entry there under a lease, and follows the entries of all.
///
/// Two threads: one renews the lease and writes the entry, one watches. A node that was paused for longer than its
/// lease registers again. Which of two processes with one name counts is decided by etcd's revisions: a new process
/// takes the name over, and one that finds its entry replaced is told that it is not the node any more. No decision
/// rests on how much time is left of a lease.
package final class EtcdMembership: Sendable {
    /// What is known of the nodes.
    package struct View: Sendable {
        /// In order of their names.
        package let nodes: [RegisteredNode]
        /// Whether etcd has been asked at all, and answers.
        package let isCurrent: Bool
    }

    private struct Trouble {
        let since: Date
        let message: String
    }

    private struct State {
        var registry: Registry
        /// What is to stand in the registry.
        var wanted: Registration
        /// What stands there, as far as known, and the revision of it; 0: nothing does.
        var registered: Registration?
        var revision = 0
        var lease: Int?
        /// This process was registered before: it does not take its name from another one.
        var wasRegistered = false
        /// Where the next watch begins; nil: after a fresh range.
        var next: Int?
        var leaseTrouble: Trouble?
        var watchTrouble: Trouble?
        var isStopped = false

        /// Forgets the own entry when the registry, as of a later revision, has none or another process's.
        mutating func compareWithRegistry(_ name: String) {
            guard registered != nil, let seen = registry.revision, seen > revision else { return }
            if registry.entries[name]?.lease != lease { registered = nil }
        }
    }

    private let settings: MembershipSettings
    private let name: String
    private let client: EtcdClient
    private let environment: NodeEnvironment
    private let leaseThread: any Workers
    private let watchThread: any Workers
    private let report: @Sendable (String) -> Void
    private let changed: @Sendable (View) -> Void
    private let replaced: @Sendable () -> Void
    private let poll = Poll()
    private let state: Mutex<State>

    /// One watch; then it is asked for again, which shows whether its endpoint still answers.
    private static let watchMilliseconds = 30_000
    private static let rangeMilliseconds = 5000
    private static let lastMilliseconds = 300
    private static let retry = Duration.milliseconds(300)

    /// - Parameters:
    ///   - registration: what the node says of itself at first.
    ///   - report: takes lines for the operator.
    ///   - changed: called after every change of what is known of the nodes, on the watching thread.
    ///   - replaced: called when another process has taken the node's name over.
    package init(
        _ settings: MembershipSettings, name: String, registering registration: Registration,
        on environment: NodeEnvironment, report: @escaping @Sendable (String) -> Void,
        changed: @escaping @Sendable (View) -> Void, replaced: @escaping @Sendable () -> Void
    ) throws(ImpRAGError) {
        self.settings = settings
        self.name = name
        self.environment = environment
        self.report = report
        self.changed = changed
        self.replaced = replaced
        client = EtcdClient(settings.etcd, clock: environment.clock)
        leaseThread = try environment.workers(1, "etcd-lease", queueLimit: 2)
        watchThread = try environment.workers(1, "etcd-watch", queueLimit: 2)
        state = Mutex(State(registry: Registry(prefix: settings.nodesPrefix), wanted: registration))
    }

    package func start() {
        poll.start(every: .milliseconds(settings.leaseSeconds * 1000 / 3), of: self, on: environment) { $0.look() }
        look()
        watch()
    }

    /// Ends both threads at their next step. The entry stays until its lease is over: a node that is started again by
    /// then has not been away.
    package func stop() {
        state.withLock { $0.isStopped = true }
        poll.stop()
        leaseThread.stop()
        watchThread.stop()
    }

    /// Changes what the node says of itself.
    package func update(_ change: (inout Registration) -> Void) {
        state.withLock { change(&$0.wanted) }
        look()
    }

    /// Changes what the node says of itself for the last time, and waits a moment for the registry to have it.
    package func sayLast(_ change: (inout Registration) -> Void) {
        update(change)
        let deadline = Deadline.after(milliseconds: Self.lastMilliseconds, on: environment.clock)
        while !isRegistered, !deadline.hasPassed { _ = waitForInput(on: [], milliseconds: 5) }
    }

    /// What the node says of itself has reached the registry.
    package var isRegistered: Bool { state.withLock { $0.registered == $0.wanted } }

    package var view: View { state.withLock { Self.view($0) } }

    private static func view(_ state: State) -> View {
        View(
            nodes: state.registry.entries.sorted { $0.key < $1.key }.map {
                RegisteredNode(name: $0.key, registration: $0.value.registration)
            }, isCurrent: state.registry.revision != nil && state.watchTrouble == nil)
    }

    /// As in `membership: etcd unreachable since 2026-11-29T12:00:00Z: …`; nil while all is well.
    package var trouble: String? {
        let troubles = state.withLock { [$0.leaseTrouble, $0.watchTrouble].compactMap(\.self) }
        guard let first = troubles.min(by: { $0.since < $1.since }) else { return nil }
        return "membership: etcd unreachable since \(first.since.formatted(.iso8601)): \(first.message)"
    }

    // MARK: The node's own entry

    private func look() {
        // Refused while a round is at work and another one waits, and after the end.
        try? leaseThread.submit { [weak self] in self?.renew() }
    }

    /// Runs on the lease's thread.
    private func renew() {
        guard !isStopped else { return }
        do throws(ImpRAGError) {
            let deadline = Deadline.after(
                milliseconds: max(2000, settings.leaseSeconds * 1000 / 3), on: environment.clock)
            try keepLease(deadline)
            try register(deadline)
            note(\.leaseTrouble, nil)
        } catch {
            note(\.leaseTrouble, error)
        }
    }

    private func keepLease(_ deadline: Deadline) throws(ImpRAGError) {
        if let lease = state.withLock({ $0.lease }) {
            if try client.keepAlive(lease: lease, deadline: deadline) { return }
            // This process was paused for longer, or could not reach etcd: others count it as gone.
            report("the lease of \(name) is over; it registers again")
            state.withLock { state in
                (state.lease, state.registered, state.revision) = (nil, nil, 0)
            }
        }
        let lease = try client.grantLease(seconds: settings.leaseSeconds, deadline: deadline)
        state.withLock { $0.lease = lease }
    }

    private func register(_ deadline: Deadline) throws(ImpRAGError) {
        let key = settings.nodesPrefix + name
        // Each turn lost to a change in between; more than a few of them are another process that does the same.
        for _ in 0..<8 {
            let (wanted, expected, lease, isThere) = state.withLock { state in
                state.compareWithRegistry(name)
                return (state.wanted, state.revision, state.lease ?? 0, state.registered == state.wanted)
            }
            guard !isThere else { return }
            let put = try client.put(
                key, try wanted.encoded(), lease: lease, expecting: expected, deadline: deadline)
            switch put {
            case .stored(let revision):
                state.withLock { state in
                    (state.registered, state.revision, state.wasRegistered) = (wanted, revision, true)
                }
            case .lost(nil):
                state.withLock { $0.revision = 0 }
            case .lost(let other?):
                // One that a lost answer hid is its own; a new process takes over what an earlier one left.
                let isOurs = state.withLock { $0.lease == other.lease || !$0.wasRegistered }
                guard isOurs else { return replaced() }
                state.withLock { $0.revision = other.modRevision }
            }
        }
        throw ImpRAGError(
            .unavailable, "another process registers as \(name) all the time; each node needs its own name")
    }

    // MARK: All entries

    private func watch(after pause: Duration = .zero) {
        guard !isStopped else { return }
        environment.clock.schedule(at: environment.clock.now + pause) { [weak self] in
            try? self?.watchThread.submit { [weak self] in self?.follow() }
        }
    }

    /// Runs on the watching thread.
    private func follow() {
        guard !isStopped else { return }
        do throws(ImpRAGError) {
            let start = try beginning()
            note(\.watchTrouble, nil)
            let end = try client.watch(
                prefix: settings.nodesPrefix, from: start,
                deadline: .after(milliseconds: Self.watchMilliseconds, on: environment.clock),
                isWanted: { [weak self] in self.map { !$0.isStopped } ?? false },
                deliver: { [weak self] events in self?.take(events) })
            state.withLock { state in
                if case .ended(let next) = end { state.next = next } else { state.next = nil }
            }
            watch()
        } catch {
            // Another endpoint may answer: the range that comes next tells.
            let wasFollowing = state.withLock { state in
                defer { state.next = nil }
                return state.next != nil
            }
            if !wasFollowing { note(\.watchTrouble, error) }
            watch(after: Self.retry)
        }
    }

    /// Where the watch begins: where the last one ended, or after what is there now.
    private func beginning() throws(ImpRAGError) -> Int {
        if let next = state.withLock({ $0.next }) { return next }
        let range = try client.range(
            prefix: settings.nodesPrefix,
            deadline: .after(milliseconds: Self.rangeMilliseconds, on: environment.clock))
        state.withLock { state in
            state.registry.reset(to: range)
            state.next = range.revision + 1
        }
        tell()
        return range.revision + 1
    }

    private func take(_ events: [EtcdEvent]) {
        state.withLock { $0.registry.apply(events) }
        tell()
    }

    private func tell() {
        let (view, isAway) = state.withLock { state in
            state.compareWithRegistry(name)
            return (Self.view(state), state.registered == nil)
        }
        if isAway { look() }
        changed(view)
    }

    // MARK: Trouble

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    /// Notes that etcd fails, or that it does not any more, and says so once.
    private func note(_ place: WritableKeyPath<State, Trouble?>, _ error: ImpRAGError?) {
        let news = state.withLock { state -> String? in
            let before = state[keyPath: place]
            state[keyPath: place] = error.map { Trouble(since: before?.since ?? Date(), message: $0.message) }
            let other = [state.leaseTrouble, state.watchTrouble].compactMap(\.self).count
            switch (before, error) {
            case (nil, let error?):
                return other > 1 ? nil : "etcd does not answer, what is known goes on: \(error.message)"
            case (.some, nil): return other > 0 ? nil : "etcd answers again"
            default: return nil
            }
        }
        if let news { report(news) }
    }
}
