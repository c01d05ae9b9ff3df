import Cluster
import Core
import ObjectStore
import Platform
import Storage
import Synchronization

/// Which collection this coordinator serves, and whether a request is for it: by its name, or by an alias beside it.
///
/// What an alias stands for is looked up when somebody asks by it, and remembered. A request is served by what was
/// known at most a second ago; but it is refused only by a look that began after it came. So of two coordinators,
/// between whose collections the alias moves, the one that knows it less well goes on serving while the other one
/// learns of it at once: at no moment do both refuse. Where the store cannot be read, what was known holds.
final class ServedCollection: Sendable {
    private struct Known {
        var collection: String?
        /// When the look began that brought this.
        var since: ContinuousClock.Instant
    }

    private struct State {
        var aliases: [ByteString: Known] = [:]
        /// Those who wait for the look that is under way, by alias.
        var looks: [ByteString: [Promise<Void>]] = [:]
        /// The aliases that stand for the collection, and when the look began that brought them.
        var listed: (names: [String], since: ContinuousClock.Instant)?
    }

    /// The last word of its location; nil where it lies in nothing, as a whole bucket does.
    let name: String?
    /// What an alias in the store stands for; called on a thread of its own.
    private let lookUp: @Sendable (_ alias: String, Deadline) throws(ImpRAGError) -> String?
    /// The aliases in the store; called there, too.
    private let list: @Sendable (Deadline) throws(ImpRAGError) -> [(alias: String, collection: String)]
    private let clock: any Clock
    private let thread: any Workers
    private let state = Mutex(State())

    /// From this age on what is known is looked up anew, beside the request that is served by it.
    static let freshness = Duration.milliseconds(400)
    /// What is older serves nobody, as long as the store can be read.
    static let staleness = Duration.seconds(1)
    /// How long a look may take, and hold a request up.
    private static let lookMilliseconds = 1000
    /// Names that are remembered: anybody may ask for anything.
    private static let nameLimit = 256
    private static let lookLimit = 32

    init(
        name: String?, on environment: NodeEnvironment,
        list: @escaping @Sendable (Deadline) throws(ImpRAGError) -> [(alias: String, collection: String)] = { _ in [] },
        lookUp: @escaping @Sendable (_ alias: String, Deadline) throws(ImpRAGError) -> String?
    ) throws(ImpRAGError) {
        self.name = name
        self.lookUp = lookUp
        self.list = list
        clock = environment.clock
        thread = try environment.workers(1, "aliases", queueLimit: Self.lookLimit)
    }

    /// The collection at `location`, with the aliases beside it.
    convenience init(
        at location: String, on environment: NodeEnvironment,
        open: @escaping @Sendable (_ location: String) throws(ImpRAGError) -> any ObjectStore
    ) throws(ImpRAGError) {
        let place = CollectionLocation(location)
        let root = OpenedStore(place?.root, open)
        try self.init(
            name: place?.name, on: environment,
            list: { deadline throws(ImpRAGError) in
                guard let store = try root.store() else { return [] }
                return try CollectionAliases(store).all(deadline: deadline).map { ($0.name, $0.collection) }
            }
        ) { alias, deadline throws(ImpRAGError) in
            guard let store = try root.store() else { return nil }
            return try CollectionAliases(store).collection(of: alias, deadline: deadline)
        }
    }

    /// Throws `unavailable`, because of `OtherCollection`, unless this coordinator serves the collection that `wanted`
    /// names.
    func require(_ wanted: String, deadline: Deadline) async throws(ImpRAGError) {
        guard wanted != name else { return }
        let arrival = clock.now
        let known = state.withLock { $0.aliases[ByteString(wanted)] }
        if let known, isOurs(known.collection), arrival - known.since < Self.staleness {
            if arrival - known.since > Self.freshness { _ = look(at: wanted, after: arrival) }
            return
        }
        // One look may have begun before the request came: the next one has not.
        for _ in 0..<2 {
            guard let look = look(at: wanted, after: arrival) else { break }
            let milliseconds = max(1, min(Self.lookMilliseconds, deadline.remainingMilliseconds / 2))
            await wait(for: look, milliseconds: milliseconds)
        }
        let found = state.withLock { $0.aliases[ByteString(wanted)]?.collection }
        guard !isOurs(found) else { return }
        let meaning = found.map { "the alias \(wanted) stands for \($0)" } ?? "no alias \(wanted) is known here"
        let ours = name.map { "the collection \($0)" } ?? "a collection without a name"
        throw ImpRAGError(
            .unavailable,
            "the request is for the collection \(wanted), but this coordinator serves \(ours), and \(meaning); ask one that "
                + "serves it", cause: OtherCollection())
    }

    /// The most aliases that are told.
    private static let aliasLimit = 256

    /// The aliases that stand for this collection, sorted, as they were at most a second ago; where the store cannot be
    /// read, as they were when it could.
    func aliases(deadline: Deadline) async -> [String] {
        guard let name, !isListed else { return knownAliases }
        let look = Promise<Void>()
        do throws(ImpRAGError) {
            try thread.submit { [weak self] in
                self?.listAliases(of: name)
                look.fulfil(.success(()))
            }
        } catch {
            return knownAliases
        }
        await wait(for: look, milliseconds: max(1, min(Self.lookMilliseconds, deadline.remainingMilliseconds / 2)))
        return knownAliases
    }

    private var knownAliases: [String] { state.withLock { $0.listed?.names ?? [] } }

    private var isListed: Bool {
        let now = clock.now
        return state.withLock { $0.listed.map { now - $0.since < Self.staleness } ?? false }
    }

    /// Runs on the thread.
    private func listAliases(of name: String) {
        // Another one may have waited for the same.
        guard !isListed else { return }
        let since = clock.now
        guard let all = try? list(.after(milliseconds: Self.lookMilliseconds, on: clock)) else { return }
        let names = all.filter { $0.collection == name }.map(\.alias).sorted().prefix(Self.aliasLimit)
        state.withLock { $0.listed = (Array(names), since) }
    }

    func stop() { thread.stop() }

    func join(milliseconds: Int) -> Bool { thread.join(milliseconds: milliseconds) }

    private func isOurs(_ collection: String?) -> Bool { collection != nil && collection == name }

    private func wait(for look: Promise<Void>, milliseconds: Int) async {
        let alarm = clock.schedule(at: clock.now + .milliseconds(milliseconds)) { look.fulfil(.success(())) }
        _ = try? await look.value()
        alarm.cancel()
    }

    /// Has the store looked at, unless what is known is from a look that began after `instant`.
    ///
    /// - Returns: what is fulfilled when a look is over; nil when none is needed, or there is no room for one.
    private func look(at alias: String, after instant: ContinuousClock.Instant) -> Promise<Void>? {
        let promise = Promise<Void>()
        let (isNeeded, isFirst) = state.withLock { state in
            if let known = state.aliases[ByteString(alias)], known.since >= instant { return (false, false) }
            let isFirst = state.looks[ByteString(alias)] == nil
            state.looks[ByteString(alias), default: []].append(promise)
            return (true, isFirst)
        }
        guard isNeeded else { return nil }
        guard isFirst else { return promise }
        do throws(ImpRAGError) {
            try thread.submit { [weak self] in self?.work(alias) }
            return promise
        } catch {
            // Too many looks wait, or the node stops.
            settle(alias, nil)
            return nil
        }
    }

    /// Runs on the thread.
    private func work(_ alias: String) {
        let since = clock.now
        do throws(ImpRAGError) {
            let collection = try lookUp(alias, .after(milliseconds: Self.lookMilliseconds, on: clock))
            settle(alias, Known(collection: collection, since: since))
        } catch {
            // What was known holds, for as long as nobody knows better.
            let known = state.withLock { $0.aliases[ByteString(alias)]?.collection }
            settle(alias, error.code == .dataLoss || known != nil ? Known(collection: known, since: since) : nil)
        }
    }

    private func settle(_ alias: String, _ known: Known?) {
        let waiting = state.withLock { state -> [Promise<Void>] in
            if let known { state.aliases[ByteString(alias)] = known }
            if state.aliases.count > Self.nameLimit,
                let oldest = state.aliases.min(by: { $0.value.since < $1.value.since })?.key
            {
                state.aliases[oldest] = nil
            }
            return state.looks.removeValue(forKey: ByteString(alias)) ?? []
        }
        for promise in waiting { promise.fulfil(.success(())) }
    }
}

/// The store at a location, opened when it is first needed: it need not be there before.
final class OpenedStore: Sendable {
    private let location: String?
    private let open: @Sendable (_ location: String) throws(ImpRAGError) -> any ObjectStore
    private let opened = Mutex<(any ObjectStore)?>(nil)

    init(
        _ location: String?, _ open: @escaping @Sendable (_ location: String) throws(ImpRAGError) -> any ObjectStore
    ) {
        self.location = location
        self.open = open
    }

    func store() throws(ImpRAGError) -> (any ObjectStore)? {
        guard let location else { return nil }
        if !location.contains("://") {
            // Finds out that the directory is gone.
            return try open(location)
        }
        return try opened.withLock { opened throws(ImpRAGError) in
            if let opened { return opened }
            let store = try open(location)
            opened = store
            return store
        }
    }
}
