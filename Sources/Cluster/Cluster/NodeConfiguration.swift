public import Core

/// One entry of the cluster file's `nodes`: one process.
public struct NodeConfiguration: Sendable {
    /// A node's role and the settings of that role.
    public enum Role: Sendable {
        case shard(ShardSettings)
        case coordinator(CoordinatorSettings)
        case generator(GeneratorSettings)
    }

    /// `name`: 1 to 64 letters, digits, `-`, `_` and `.`; unique.
    public let name: String
    public let role: Role
    /// `listen`: the endpoint that the node's socket binds; unique.
    public let listen: Endpoint
    /// `connect`: how other nodes reach it. Default: `listen`. Needed when that is a wildcard such as `tcp://*:7101`.
    public let connect: Endpoint
    /// `model`: the model's directory on the node's machine. Default: the cluster's. Shards need none.
    public let model: String?
    /// `index`: where the collection is kept: a directory on the node's machine, or `s3://BUCKET/PREFIX`. Default: the
    /// cluster's. Shards need it, and coordinators that take updates.
    public let index: String?
    /// `compute`: "f32" or "bf16"; models in int8 have "int8" alone. Default: the cluster's, else what fits the
    /// weights. Changes answers in the last digits.
    public let compute: Compute?
    /// `pin_threads`: pins each thread of matrix products to its own processor. Default false; for a machine that runs
    /// one node.
    public let pinsThreads: Bool
    /// `threads`: threads of matrix products. Default: all cores.
    public let threads: Int?
    /// `drain_milliseconds`: how long a node that gets SIGTERM goes on with the requests that it has. Default 10000.
    public let drainMilliseconds: Int
    /// `memory_budget`: a node that would need more refuses to start. Default: none.
    public let memoryBudget: ByteCount?
    /// `keys` and `key`: needed to listen beyond the node's machine. Default: the cluster's, else none.
    public let keys: KeyPaths?
    /// `metrics`, `log_format`, `trace_file`, `trace_share`.
    public let observation: ObservationSettings

    public var kind: NodeRole {
        switch role {
        case .shard: .shard
        case .coordinator: .coordinator
        case .generator: .generator
        }
    }
}

/// Fields of a node with the role "shard".
public struct ShardSettings: Sendable {
    /// `partitions`: numbers of the partitions that it serves, from 0; empty when they are placed by `membership`.
    public let partitions: [Int]
    /// `weight`: its share of the partitions relative to that of others, when they are placed. Default 1.
    public let weight: Double
    /// `zone`: what fails at once with others of the same name, when they are placed. Default: none. `--zone` overrides
    /// it.
    public let zone: String
    /// `data`: the directory of its replicas, on the node's machine. Default: the index directory; an index in a bucket
    /// needs one, and so do further replicas of a partition on one machine.
    public let data: String?
    /// `search_workers`: searches that run at once. Default 1; each search uses one thread.
    public let searchWorkers: Int
    /// `search_queue`: searches that may wait; beyond it `resource_exhausted`. Default 256.
    public let searchQueue: Int
    /// `max_k`: passages that one search may ask for. Default 1000.
    public let maxK: Int
    /// `max_queries`: query vectors that one search may carry. Default 64.
    public let maxQueries: Int
    /// `recall`: the recall@10 that searches without one of their own aim at, 0.5 to 0.999. Default: the index's own.
    public let recall: Double?
    /// `probes`: raw knob, the lists that a search scans, instead of what `recall` maps to. Default: none.
    public let probes: Int?
    /// `candidates`: raw knob, the most candidates that a search rescores exactly. Default: none.
    public let candidates: Int?
    /// `read_only`: false follows the collection's log, which takes the replicas for itself; true serves them as they
    /// are, and several processes may serve the same ones. Default false.
    public let isReadOnly: Bool
    /// `checkpoint_after`: bytes of log that may follow a partition's checkpoint before its shard writes a new one.
    /// Default 64 MiB.
    public let checkpointAfter: ByteCount
    /// `recall_meter_share`: share of one core for repeating sampled searches exactly. Default 0.02; 0 is off.
    public let recallMeterShare: Double
    /// `maintenance_share`: share of one core for keeping lists in shape in the background. Default 0.25; with less,
    /// passages stay outside the lists for longer, where every search scans all of them.
    public let maintenanceShare: Double
    /// `state_budget`: bytes on disk for passage states, split equally among its partitions; the least recently used
    /// are evicted. 0 keeps and reads none. Default: what `imprag index --store-kv` has stored is read, and nothing is
    /// added.
    public let stateBudget: ByteCount?
}

/// Fields of the node with the role "coordinator".
public struct CoordinatorSettings: Sendable {
    /// The most that `max_k` may be.
    public static let kLimit = 10_000
    /// The most that `max_answer_tokens` and `default_answer_tokens` may be.
    public static let answerTokenLimit = 1_000_000
    /// The most that `max_update_passages` may be.
    public static let updatePassageLimit = 65_536

    /// `max_requests`: requests in flight, from arrival to the last token; beyond it `resource_exhausted`. Default 512.
    public let maxRequests: Int
    /// `max_batch`: prompts that run through the bottom layers together. Default 16.
    public let maxBatch: Int
    /// `batch_window_milliseconds`: how long a prompt waits for others to join its batch. Default 0: a batch is what is
    /// queued already.
    public let batchWindowMilliseconds: Int
    /// `max_prompt_tokens`: longer prompts are refused. Default 4096.
    public let maxPromptTokens: Int
    /// `max_k`: passages that one request may ask for. Default 100.
    public let maxK: Int
    /// `max_answer_tokens`: the largest `max_tokens` of a request. Default 2048.
    public let maxAnswerTokens: Int
    /// `default_answer_tokens`: `max_tokens` of a request without one. Default 128.
    public let defaultAnswerTokens: Int
    /// `search_deadline_share`: the share of a request's remaining time that the search may use, so that some is left
    /// for the answer. Default 0.5.
    public let searchDeadlineShare: Double
    /// `max_state_memory`: bytes of the prompt states in flight, from the bottom layers to the answer's end, since
    /// another generator may need them; beyond it `resource_exhausted`. Default 512 MiB.
    public let maxStateMemory: ByteCount
    /// `max_update_passages`: passages or ids of one update. Default 1000.
    public let maxUpdatePassages: Int
    /// `read_only`: true refuses updates. Default false.
    public let isReadOnly: Bool
    /// `max_deadline_milliseconds`: no request is worked on for longer, whatever it says. Default 600000.
    public let maxDeadlineMilliseconds: Int
    /// `audit_log`: the file that gets a line for each update: who, when, what came of it. Default: none.
    public let auditLog: String?
    /// `abstain`: whether answers are given only where there is reason to, to requests that say nothing about it
    /// (docs/certainty.md). Default false.
    public let abstains: Bool
}

/// How a generator's passage states are stored; states are rounded accordingly, whether they were stored or not.
public struct StateSettings: Sendable, Equatable {
    /// `state_codec`: "bf16", "int8" or "pq". Default "bf16". States stored with another codec are not found.
    public let codec: StateCodec
    /// `state_half`: keeps the half of a passage's tokens that receives the most attention. Default false.
    public let keepsHalf: Bool
    /// `state_codebooks`: the file of codebooks that "pq" needs, made by `imprag index --store-kv pq`.
    public let codebooks: String?

    public init(codec: StateCodec, keepsHalf: Bool, codebooks: String?) {
        self.codec = codec
        self.keepsHalf = keepsHalf
        self.codebooks = codebooks
    }
}

/// Fields of a node with the role "generator".
public struct GeneratorSettings: Sendable {
    /// `active_requests`: active answers, each of which gets one token per pass of the model. Default 16.
    public let activeRequests: Int
    /// `answer_memory`: bytes of passages and caches that answers in progress hold together; beyond it requests wait.
    /// Default: what `active_requests` of the largest requests need, at most 2 GiB.
    public let answerMemory: ByteCount?
    /// `passage_memory`: bytes of passage states kept for later answers; the least recently used are evicted. 0 keeps
    /// none. Default 256 MiB.
    public let passageMemory: ByteCount
    public let states: StateSettings
    /// `request_queue`: requests that may wait for a place; beyond it `resource_exhausted`. Default 64: coordinators
    /// keep what is beyond a generator's share with them.
    public let requestQueue: Int
}
