import Foundation
import TestSupport
import Testing

/// A shard, a coordinator and a generator, each a process of its own from one cluster file, so that each can be stopped and
/// told something else.
final class NodeCluster {
    let endpoint: String
    private let directory: TemporaryDirectory
    private let model: String
    private let index: String
    private var nodes: [String: RunningProcess] = [:]

    /// - Parameters:
    ///   - shard, generator: further fields of their entries in the file, each with a comma behind it.
    init(model: String, index: String, shard: String, generator: String) throws {
        directory = try TemporaryDirectory()
        endpoint = "ipc://" + directory.file("c")
        self.model = model
        self.index = index
        try configure(shard: shard, generator: generator)
        for node in ["shard", "coordinator", "generator"] { try start(node) }
        let isComplete = nodes["coordinator"]?.waits(seconds: 30) { $0.standardOutput.contains("complete ") }
        try #require(isComplete == true, "\(nodes["coordinator"]?.standardError ?? "")")
    }

    deinit {
        for node in nodes.values {
            node.kill(SIGCONT)
            node.kill(SIGINT)
        }
        for node in nodes.values { _ = try? node.wait(seconds: 10) }
    }

    /// What nodes are told that start from now on.
    ///
    /// - Parameters:
    ///   - index: another one than the cluster's.
    ///   - socket: where the shard listens, and others look for it.
    func configure(shard: String, generator: String, index: String? = nil, socket: String = "s") throws {
        let text = """
            { "partitions": 1, "model": "\(model)", "index": "\(index ?? self.index)", "nodes": [
                { "name": "coordinator", "role": "coordinator", "listen": "\(endpoint)" },
                { "name": "shard", "role": "shard", "listen": "ipc://\(directory.file(socket))", \(shard) "partitions": [0] },
                { "name": "generator", \(generator) "role": "generator", "listen": "ipc://\(directory.file("g"))" } ] }
            """
        try text.write(toFile: directory.file("cluster.json"), atomically: true, encoding: .utf8)
    }

    /// Starts the node, whose name is that of its role.
    ///
    /// - Parameter name: what it is called here; another process with the node's name may run beside it.
    func start(_ node: String, as name: String? = nil) throws {
        let process = try RunningProcess(
            Imprag.path, [node, "--config", directory.file("cluster.json"), "--node", node])
        nodes[name ?? node] = process
        let isReady = process.waits(seconds: 30) { $0.standardOutput.contains("ready \(node) ") }
        try #require(isReady, "\(process.standardError)")
    }

    func stop(_ node: String) throws {
        nodes[node]?.kill(SIGINT)
        #expect(try nodes[node]?.wait(seconds: 10).status == 0)
    }

    /// Sends a signal to a node.
    func signal(_ node: String, _ number: Int32) { nodes[node]?.kill(number) }

    func run(_ arguments: [String]) throws -> Imprag.Outcome {
        try Imprag.run(arguments + ["--endpoint", endpoint])
    }
}
