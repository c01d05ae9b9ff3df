public import Core
import Foundation

/// What `imprag up` runs: one local cluster over one model and one index.
public struct ClusterPlan: Sendable {
    /// The model's directory.
    public var model: String
    /// The index: a directory, or `s3://BUCKET/PREFIX`.
    public var index: String
    /// The directory of replicas; nil: the index directory.
    public var data: String?
    /// The coordinator's keys, which it needs to be reached from other machines; the other nodes talk over sockets of
    /// this user alone. Nil: none.
    public var keys: KeyPaths?
    /// The file that gets a line for each update.
    public var auditLog: String?
    /// Partitions of the index; each gets its own shard process, up to `shardLimit`.
    public var partitionCount: Int
    /// Where the coordinator listens.
    public var endpoint = Endpoint.defaultCoordinator
    public var generatorCount = 1
    /// Nil: what fits the weights.
    public var compute: Compute?
    /// Threads of matrix products in each process; nil: all cores.
    public var threads: Int?
    /// Whether updates are refused, so that other clusters can serve the same index.
    public var isReadOnly = false
    /// Whether answers are given only where there is reason to, to requests that say nothing about it.
    public var abstains = false
    /// Disk for passage states, for all shards together; nil: they read what is stored and add nothing.
    public var stateBudget: ByteCount?
    /// How passage states are stored; nil: the cluster file's defaults.
    public var states: StateSettings?

    /// Where the coordinator serves its metrics; the shards do at the ports after that, then the generators. Nil: none
    /// do.
    public var metrics: Endpoint?
    /// The file of all nodes' spans; nil: none are recorded.
    public var traceFile: String?
    /// The share of requests that a trace is begun for.
    public var traceShare = 0.0

    /// The most shard processes; beyond that, partitions share them.
    public static let shardLimit = 16
    public static let generatorLimit = 64

    public init(model: String, index: String, partitionCount: Int = 1) {
        self.model = model
        self.index = index
        self.partitionCount = partitionCount
    }

    /// The cluster file for this plan, with the inner nodes' sockets in `runtimeDirectory`.
    ///
    /// Built from JSON values, not text, so that no path can break out of its quotes.
    func clusterFile(runtimeDirectory: String) throws(ImpRAGError) -> Data {
        guard partitionCount >= 1, (1...Self.generatorLimit).contains(generatorCount) else {
            throw ImpRAGError(
                .invalidArgument,
                "\(partitionCount) partitions and \(generatorCount) generators were asked for; at least one partition and "
                    + "1 to \(Self.generatorLimit) generators are right")
        }
        var file: [String: Any] = [
            "model": absolute(model), "index": index.contains("://") ? index : absolute(index),
            "partitions": partitionCount,
        ]
        if let compute { file["compute"] = compute.rawValue }
        var nodes: [[String: Any]] = [
            ["name": "coordinator", "role": "coordinator", "listen": endpoint, "read_only": isReadOnly]
        ]
        if let keys {
            file["keys"] = absolute(keys.list)
            file["key"] = absolute(keys.own)
        }
        if abstains { nodes[0]["abstain"] = true }
        if let auditLog { nodes[0]["audit_log"] = absolute(auditLog) }
        let shards = min(partitionCount, Self.shardLimit)
        for number in 0..<shards {
            let partitions = Array(stride(from: number, to: partitionCount, by: shards))
            var node: [String: Any] = [
                "name": "shard-\(number)", "role": "shard", "listen": "ipc://\(runtimeDirectory)/shard-\(number)",
                "partitions": partitions, "read_only": isReadOnly,
            ]
            if let data { node["data"] = absolute(data) }
            if let stateBudget { node["state_budget"] = stateBudget.bytes / partitionCount * partitions.count }
            nodes.append(node)
        }
        for number in 0..<generatorCount {
            var node: [String: Any] = [
                "name": "generator-\(number)", "role": "generator",
                "listen": "ipc://\(runtimeDirectory)/generator-\(number)",
            ]
            if let states {
                node["state_codec"] = states.codec.rawValue
                node["state_half"] = states.keepsHalf
                if let codebooks = states.codebooks { node["state_codebooks"] = absolute(codebooks) }
            }
            nodes.append(node)
        }
        try addObservation(to: &file, &nodes)
        if let threads { for index in nodes.indices { nodes[index]["threads"] = threads } }
        file["nodes"] = nodes
        do {
            return try JSONSerialization.data(withJSONObject: file, options: [.prettyPrinted, .sortedKeys])
        } catch {
            throw ImpRAGError(.internal, "the cluster file cannot be written as JSON", cause: error)
        }
    }

    private func addObservation(to file: inout [String: Any], _ nodes: inout [[String: Any]]) throws(ImpRAGError) {
        if let traceFile {
            file["trace_file"] = absolute(traceFile)
            file["trace_share"] = traceShare
        }
        guard let metrics, let (_, port) = metrics.address else { return }
        guard port == 0 || port + nodes.count - 1 <= UInt16.max else {
            throw ImpRAGError(
                .invalidArgument,
                "the metrics of \(nodes.count) nodes take the ports from \(port) on, and \(UInt16.max) is the last one")
        }
        let text = metrics.description.dropFirst("tcp://".count)
        for index in nodes.indices {
            nodes[index]["metrics"] = Self.place(text, index)
        }
    }

    /// `HOST:PORT`, `offset` ports further; `*` stays.
    private static func place(_ text: Substring, _ offset: Int) -> String {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else {
            return String(text)
        }
        return "\(text[..<colon]):\(port + offset)"
    }

    /// Paths are made absolute because children may run in other directories.
    private func absolute(_ path: String) -> String {
        URL(filePath: path).absoluteURL.standardized.path(percentEncoded: false)
    }
}
