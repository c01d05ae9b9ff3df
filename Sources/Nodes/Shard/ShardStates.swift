import Cluster
import Core
import Messaging
import Platform
import Storage
import Wire

/// The passage states that a shard keeps: one store per partition, read and written on dedicated threads, so that no
/// search waits for them.
final class ShardStates: Sendable {
    private let stores: [StateStore]
    private let readers: any Workers
    private let writer: any Workers
    /// The memory of states on their way from or to the disk.
    private let memory = ByteBudget(limit: memoryLimit, remedy: "ask for fewer states at once")
    private let log: @Sendable (String) -> Void

    /// Part of the node's memory plan.
    static let memoryLimit = ByteCount(384 << 20)
    /// Bytes of states in one reply; the first state is sent whatever its size.
    static let replyLimit = ByteCount(128 << 20)
    private static let readerCount = 2
    private static let queueLimit = 256

    /// - Parameter stores: at least one.
    init(
        _ stores: [StateStore], on environment: NodeEnvironment = .system, log: @escaping @Sendable (String) -> Void
    ) throws(ImpRAGError) {
        precondition(!stores.isEmpty, "a shard without stores keeps no states")
        self.stores = stores
        self.log = log
        readers = try environment.workers(Self.readerCount, "states", queueLimit: Self.queueLimit)
        writer = try environment.workers(1, "state-writer", queueLimit: Self.queueLimit)
    }

    /// The figures of all stores combined.
    var figures: StateStoreFigures { .combined(stores.map(\.figures)) }

    /// Answers `request` with those states of `keys` that are here and fit into the reply.
    func answer(_ keys: [StateKey], _ request: IncomingRequest) async throws(ImpRAGError) {
        let promise = Promise<Void>()
        try readers.submit { [self] in
            guard !promise.isSettled else { return }
            promise.fulfil { () throws(ImpRAGError) in
                try request.deadline.check("the states waited in the queue")
                let (presence, tensors) = try fetch(keys, request.deadline)
                request.reply(
                    .fetchStates(FetchStatesReply(presence: presence)), tensors: tensors,
                    fingerprint: stores[0].fingerprint)
            }
        }
        try await promise.value()
    }

    /// Stores the request's tensors under `keys`. Returns how many are kept.
    func store(_ keys: [StateKey], _ request: IncomingRequest) async throws(ImpRAGError) -> Int {
        // The states as received, and two copies of the largest while it is written.
        let sizes = request.tensors.map(\.description.byteCount)
        let reservation = try ByteReservation(
            ByteCount(sizes.reduce(0, +) + 2 * (sizes.max() ?? 0)), of: memory, for: "these states")
        defer { reservation.release() }
        let promise = Promise<Int>()
        try writer.submit { [self] in
            guard !promise.isSettled else { return }
            promise.fulfil { () throws(ImpRAGError) in
                try request.deadline.check("the states waited in the queue")
                var stored = 0
                for (key, tensor) in zip(keys, request.tensors) {
                    let bytes = try tensor.bytes("state")
                    // The store that has it, else one that depends only on the key.
                    let home = stores.first { $0.size(of: key) != nil } ?? self.home(of: key)
                    if try home.insert(bytes, for: key) { stored += 1 }
                }
                return stored
            }
        }
        return try await promise.value()
    }

    /// Accepts no more work; returns whether its threads have ended in time and the stores are on disk.
    func stop(deadline: Deadline) -> Bool {
        readers.stop()
        writer.stop()
        guard readers.join(milliseconds: deadline.remainingMilliseconds),
            writer.join(milliseconds: deadline.remainingMilliseconds)
        else { return false }
        for store in stores {
            do throws(ImpRAGError) {
                try store.flush()
            } catch {
                log("\(error)")
            }
        }
        return true
    }

    // MARK: Private

    private func home(of key: StateKey) -> StateStore { stores[Int(key.number % UInt64(stores.count))] }

    /// Runs on a reader thread. Each state holds its memory until it is sent.
    private func fetch(
        _ keys: [StateKey], _ deadline: Deadline
    ) throws(ImpRAGError) -> ([StatePresence], [Tensor]) {
        var presence: [StatePresence] = []
        var tensors: [Tensor] = []
        var sum = 0
        for key in keys {
            try deadline.check("reading states")
            let place = stores.first { $0.size(of: key) != nil }
            let size = place?.size(of: key) ?? 0
            // The first is always sent, so that asking again makes progress.
            if size > 0, !tensors.isEmpty, sum + size > Self.replyLimit.bytes {
                presence.append(.notSent)
                continue
            }
            let reservation: ByteReservation
            do throws(ImpRAGError) {
                reservation = try ByteReservation(ByteCount(size), of: memory, for: "a state")
            } catch {
                guard !tensors.isEmpty else { throw error }
                presence.append(.notSent)
                continue
            }
            // A state that no store has counts as a miss of its home store.
            guard let bytes = (place ?? home(of: key)).value(for: key) else {
                presence.append(.absent)
                continue
            }
            sum += bytes.count
            presence.append(.sent)
            tensors.append(Tensor(bytes, companion: reservation))
        }
        return (presence, tensors)
    }
}
