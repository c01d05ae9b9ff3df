import Cluster
import Core
import Storage
import Wire

/// An update in the log that somebody waits for: which shards have to apply it before searches find it, and what they
/// say. Pure.
struct AwaitedUpdate {
    private struct Failure {
        let shard: String
        let error: ImpRAGError
        /// Searches do not count on it now, and it catches up before they do again.
        let isAway: Bool
    }

    private let epoch: Int
    private let states: [String: Membership.State]
    /// The update's partitions that each shard has replicas of.
    private let served: [String: Set<Int>]
    /// Partitions of the update that no shard has a replica of at the moment.
    private let unserved: [Int]
    /// Partitions of the update, by number, that some replica has with it, and what it did there, as far as known.
    private var outcomes: [Int: UpdateOutcome] = [:]
    private var failures: [Failure] = []

    /// - Parameters:
    ///   - partitions: those that the update changes.
    ///   - states: of the shards, by name.
    init(epoch: Int, partitions: Set<Int>, topology: Topology, states: [String: Membership.State]) {
        self.epoch = epoch
        self.states = states
        var served: [String: Set<Int>] = [:]
        for partition in topology.collection.partitions where partitions.contains(partition.number) {
            for shard in partition.replicas { served[shard, default: []].insert(partition.number) }
        }
        self.served = served
        unserved = topology.collection.partitions.filter { $0.replicas.isEmpty }.map(\.number).filter(
            partitions.contains)
    }

    /// The shards to ask, in order of their names.
    var shards: [String] { served.keys.sorted() }

    /// Whether `shard` may hold the update up only for a moment: it cannot be reached, or it is not ready and others
    /// are in its place.
    func isHurried(_ shard: String) -> Bool {
        switch states[shard] {
        case .ready?: false
        case .unreachable?: true
        case _?, nil: hasStandIns(for: shard, among: states)
        }
    }

    /// Why `shard` is not to be asked at all; nil when it is.
    func refusal(of shard: String) -> ImpRAGError? {
        guard case .refused(let message)? = states[shard] else { return nil }
        return ImpRAGError(.failedPrecondition, message)
    }

    /// Whether each of the shard's partitions has another replica that is ready.
    ///
    /// - Parameter states: of the shards, by name.
    func hasStandIns(for shard: String, among states: [String: Membership.State]) -> Bool {
        let others = served.filter { $0.key != shard && states[$0.key] == .ready }.values
        return served[shard, default: []].isSubset(of: others.reduce(into: Set()) { $0.formUnion($1) })
    }

    /// - Parameter state: the shard's by now.
    mutating func answered(
        _ shard: String, _ result: Result<ApplyReply, ImpRAGError>, state: Membership.State? = .ready
    ) {
        switch result {
        case .success(let reply):
            for partition in served[shard, default: []] {
                // One that was started since does not know what the update did. The others all say the same.
                let said = reply.partitions.first { $0.partition == partition }.map {
                    UpdateOutcome(inserted: $0.inserted, replaced: $0.replaced, deleted: $0.deleted)
                }
                outcomes[partition] = said ?? outcomes[partition] ?? UpdateOutcome()
            }
        case .failure(let error):
            // A lost connection is news that the next poll would bring.
            let isAway = states[shard] != .ready || state != .ready || error.code == .unavailable
            failures.append(Failure(shard: shard, error: error, isAway: isAway))
        }
    }

    /// The shards without which the update counts as found.
    var leftOut: [String] { failures.map(\.shard) }

    /// What the update did, once all have answered.
    ///
    /// - Throws: `failedPrecondition`, or `deadlineExceeded` when all were only late, naming every shard that searches
    ///   may ask and that does not have it, and those that are away when nobody else has their partitions with it.
    func outcome() throws(ImpRAGError) -> UpdateOutcome {
        if let partition = unserved.first {
            throw ImpRAGError(
                .failedPrecondition,
                "the update is durable at epoch \(epoch), but no shard serves partition \(partition) at the moment")
        }
        let missing = failures.filter { failure in
            !failure.isAway || !served[failure.shard, default: []].isSubset(of: outcomes.keys)
        }
        guard !missing.isEmpty else { return outcomes.values.reduce(UpdateOutcome(), +) }
        // Whatever the shards' reasons: none of them calls for sending the update again, as `unavailable` would.
        let isLate = missing.allSatisfy { $0.error.code == .deadlineExceeded }
        throw ImpRAGError(
            isLate ? .deadlineExceeded : .failedPrecondition,
            "the update is durable at epoch \(epoch), but not every shard has it yet: "
                + missing.sorted { $0.shard < $1.shard }.map { "\($0.shard): \($0.error)" }.joined(separator: "; "))
    }
}
