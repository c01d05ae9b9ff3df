import Cluster
import Core
import Messaging
import Synchronization
import Wire

/// The shards as stores of passage states: which one a passage belongs to, and how to ask it.
final class StateShards: Sendable {
    private struct View {
        var topology: Topology
        var peers: [String: Peer] = [:]
    }

    private let view: Mutex<View>
    private let messenger: Messenger
    private let clock: any Clock
    private let fingerprint: Fingerprint
    /// Shards that kept nothing of what they were last sent, or did not answer, and until when they are sent nothing
    /// more.
    private let closed = Mutex<[String: ContinuousClock.Instant]>([:])

    /// How long such a shard is sent nothing.
    static let pause = Duration.seconds(60)
    /// The timeout of one store request.
    static let storeMilliseconds = 10_000

    init(
        _ topology: Topology, fingerprint: Fingerprint, messenger: Messenger, clock: any Clock
    ) throws(ImpRAGError) {
        view = Mutex(View(topology: topology))
        self.messenger = messenger
        self.fingerprint = fingerprint
        self.clock = clock
        try apply(topology)
    }

    /// Switches to `topology`. States that another shard has been sent so far are computed again.
    func apply(_ topology: Topology) throws(ImpRAGError) {
        try view.withLock { view throws(ImpRAGError) in
            var peers: [String: Peer] = [:]
            for node in topology.nodes(of: .shard) {
                let endpoint = node.endpoint.description
                let known = view.peers[node.name]
                if let known, known.endpoint == endpoint {
                    peers[node.name] = known
                } else {
                    known?.disconnect()
                    peers[node.name] = try messenger.connect(to: endpoint, name: node.name)
                }
            }
            for (name, peer) in view.peers where peers[name] == nil { peer.disconnect() }
            view = View(topology: topology, peers: peers)
        }
    }

    private func peer(_ shard: String) -> Peer? { view.withLock { $0.peers[shard] } }

    /// The shard that keeps the states of the passage `id`; one that does not exist while nobody serves its partition.
    func shard(of id: String) -> String {
        view.withLock { $0.topology.collection.partition(of: id).replicas.first ?? "" }
    }

    /// The states that `shard` has, by key. Throws what the connection throws and what the shard answers.
    func fetch(
        _ keys: [StateKey], from shard: String, trace: TraceContext? = nil, deadline: Deadline
    ) async throws(ImpRAGError) -> [StateKey: Tensor] {
        guard let peer = peer(shard) else { return [:] }
        var found: [StateKey: Tensor] = [:]
        var wanted = keys
        while !wanted.isEmpty {
            let asked = wanted.prefix(TensorDescription.countLimit)
            let reply = try await peer.call(
                .fetchStates(FetchStatesRequest(keys: Array(asked))), fingerprint: fingerprint, trace: trace,
                deadline: deadline)
            guard case .fetchStates(let answer) = reply.body, answer.presence.count == asked.count,
                answer.presence.count(where: { $0 == .sent }) == reply.tensors.count
            else {
                throw ImpRAGError(.internal, "\(shard) answered fetch_states with something else")
            }
            var tensors = reply.tensors[...]
            var left: [StateKey] = []
            for (key, presence) in zip(asked, answer.presence) {
                switch presence {
                case .sent:
                    found[key] = tensors.popFirst()
                case .notSent: left.append(key)
                case .absent: break
                }
            }
            // The shard has no room for any of them, and would have none for the rest.
            guard left.count < asked.count else { break }
            wanted = left + wanted.dropFirst(asked.count)
        }
        return found
    }

    /// Whether `shard` keeps what it is sent, as far as known.
    func keeps(_ shard: String) -> Bool {
        closed.withLock { closed in
            guard let until = closed[shard] else { return true }
            return clock.now >= until
        }
    }

    /// Sends a state to `shard`. Returns whether it was kept.
    func store(_ state: [UInt8], for key: StateKey, in shard: String) async throws(ImpRAGError) -> Bool {
        guard let peer = peer(shard), state.count <= StoreStatesRequest.stateLimit.bytes else { return false }
        let reply: IncomingReply
        do throws(ImpRAGError) {
            reply = try await peer.call(
                .storeStates(StoreStatesRequest(keys: [key])), tensors: [Tensor(state)], fingerprint: fingerprint,
                deadline: .after(milliseconds: Self.storeMilliseconds, on: clock))
        } catch {
            closed.withLock { $0[shard] = clock.now + Self.pause }
            throw error
        }
        guard case .storeStates(let answer) = reply.body else {
            throw ImpRAGError(.internal, "\(shard) answered store_states with \(reply.body.name)")
        }
        closed.withLock { $0[shard] = answer.stored > 0 ? nil : clock.now + Self.pause }
        return answer.stored > 0
    }
}
