import Cluster
import Core
import Platform
import Synchronization

/// Reads what a collection's manifest says about answers: when the coordinator starts, and again for requests that it
/// is older than `freshness` for. Where the store cannot be read, what was known holds.
final class CollectionReader: Sendable {
    private struct State {
        var known: CollectionFacts?
        /// When the reading began that brought this; nil before the first.
        var since: ContinuousClock.Instant?
        /// Those who wait for the reading that is under way; nil when none is.
        var waiting: [Promise<Void>]?
    }

    /// Called on a thread of its own.
    private let read: @Sendable (Deadline) throws(ImpRAGError) -> CollectionFacts?
    private let clock: any Clock
    private let thread: any Workers
    private let state = Mutex(State())

    /// New thresholds hold after this at the latest.
    static let freshness = Duration.seconds(1)
    /// How long a reading may take, and hold a request up.
    private static let readMilliseconds = 1000

    init(
        on environment: NodeEnvironment, read: @escaping @Sendable (Deadline) throws(ImpRAGError) -> CollectionFacts?
    ) throws(ImpRAGError) {
        self.read = read
        clock = environment.clock
        thread = try environment.workers(1, "manifest", queueLimit: 1)
        _ = begin()
    }

    /// What is known: as long as the store can be read in time, not nothing.
    ///
    /// - Parameter isFresh: whether it may not be older than `freshness`.
    func facts(fresh isFresh: Bool, deadline: Deadline) async -> CollectionFacts? {
        let suffices = state.withLock { state in
            state.since.map { !isFresh || clock.now - $0 < Self.freshness } ?? false
        }
        guard !suffices, let reading = begin() else { return known }
        let milliseconds = max(1, min(Self.readMilliseconds, deadline.remainingMilliseconds / 4))
        let alarm = clock.schedule(at: clock.now + .milliseconds(milliseconds)) { reading.fulfil(.success(())) }
        _ = try? await reading.value()
        alarm.cancel()
        return known
    }

    private var known: CollectionFacts? { state.withLock { $0.known } }

    func stop() { thread.stop() }

    func join(milliseconds: Int) -> Bool { thread.join(milliseconds: milliseconds) }

    /// Has the manifest read, unless that is under way. Nil when the node stops.
    private func begin() -> Promise<Void>? {
        let promise = Promise<Void>()
        let isFirst = state.withLock { state in
            defer { state.waiting = (state.waiting ?? []) + [promise] }
            return state.waiting == nil
        }
        guard isFirst else { return promise }
        do throws(ImpRAGError) {
            try thread.submit { [weak self] in self?.work() }
            return promise
        } catch {
            settle(nil)
            return nil
        }
    }

    /// Runs on the thread.
    private func work() {
        let since = clock.now
        let found = try? read(.after(milliseconds: Self.readMilliseconds, on: clock))
        settle((found, since))
    }

    private func settle(_ result: (facts: CollectionFacts?, since: ContinuousClock.Instant)?) {
        let waiting = state.withLock { state -> [Promise<Void>] in
            if let result {
                state.known = result.facts ?? state.known
                // After a failure too: a store that is away is not asked for every request.
                state.since = result.since
            }
            defer { state.waiting = nil }
            return state.waiting ?? []
        }
        for promise in waiting { promise.fulfil(.success(())) }
    }
}
