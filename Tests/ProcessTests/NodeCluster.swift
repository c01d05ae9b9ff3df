import Foundation
import TestSupport
import Testing

/// Nodes that are each a process of its own from one cluster file, so that each can be stopped and told something else:
/// a shard, a coordinator and a generator, or others.
final class NodeCluster {
    /// A node of a cluster that has several of a role.
    struct Node {
        let name: String
        let role: String
        /// Further fields of its entry in the file, each with a comma before it.
        var fields = ""
    }

    /// The first coordinator's.
    let endpoint: String
    private let directory: TemporaryDirectory
    private let model: String
    private let index: String
    private var nodes: [String: RunningProcess] = [:]
    /// By node, where that is not its name.
    private var roles: [String: String] = [:]

    /// - Parameters:
    ///   - shard, generator: further fields of their entries in the file, each with a comma behind it.
    init(model: String, index: String, shard: String, generator: String) throws {
        directory = try TemporaryDirectory()
        endpoint = "ipc://" + directory.file("c")
        self.model = model
        self.index = index
        try configure(shard: shard, generator: generator)
        try startTogether(["shard", "coordinator", "generator"], complete: ["coordinator"])
    }

    /// A cluster of `members`, which listen on sockets with their names.
    init(model: String, index: String, partitions: Int, _ members: [Node]) throws {
        directory = try TemporaryDirectory()
        let coordinators = members.filter { $0.role == "coordinator" }
        endpoint = "ipc://" + directory.file(coordinators.first?.name ?? "")
        self.model = model
        self.index = index
        roles = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.role) })
        let entries = members.map { node in
            """
            { "name": "\(node.name)", "role": "\(node.role)", "listen": "\(endpoint(of: node.name))" \(node.fields) }
            """
        }
        let text = """
            { "partitions": \(partitions), "model": "\(model)", "index": "\(index)", "nodes": [ \(entries.joined(separator: ", ")) ] }
            """
        try text.write(toFile: directory.file("cluster.json"), atomically: true, encoding: .utf8)
        try startTogether(members.map(\.name), complete: coordinators.map(\.name))
    }

    /// Starts all nodes at once, and returns when each is ready and the coordinators among them have found the others.
    private func startTogether(_ names: [String], complete coordinators: [String]) throws {
        for name in names { try launch(name) }
        for name in names { try awaitReady(name) }
        for name in coordinators {
            let isComplete = nodes[name]?.waits(seconds: 60) { $0.standardOutput.contains("complete ") }
            try #require(isComplete == true, "\(log(of: name))")
        }
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

    /// Where a node listens whose socket has its name.
    func endpoint(of node: String) -> String { "ipc://" + directory.file(node) }

    /// What a node said on standard error since it was started last.
    func log(of node: String) -> String { nodes[node]?.standardError ?? "" }

    /// Starts the node, whose name is that of its role unless it was given one.
    ///
    /// - Parameter name: what it is called here; another process with the node's name may run beside it.
    func start(_ node: String, as name: String? = nil) throws {
        try launch(node, as: name)
        try awaitReady(node, as: name)
    }

    private func awaitReady(_ node: String, as name: String? = nil) throws {
        let isReady = nodes[name ?? node]?.waits(seconds: 60) { $0.standardOutput.contains("ready \(node) ") }
        try #require(isReady == true, "\(log(of: name ?? node))")
    }

    /// Starts the node without waiting for it.
    @discardableResult
    func launch(_ node: String, as name: String? = nil) throws -> RunningProcess {
        let process = try RunningProcess(
            Imprag.path, [roles[node] ?? node, "--config", directory.file("cluster.json"), "--node", node])
        nodes[name ?? node] = process
        return process
    }

    func stop(_ node: String) throws {
        nodes[node]?.kill(SIGINT)
        #expect(try nodes[node]?.wait(seconds: 10).status == 0)
    }

    /// Ends a node without a last word.
    func kill(_ node: String) throws {
        signal(node, SIGKILL)
        _ = try nodes[node]?.wait(seconds: 10)
    }

    /// Waits until a node has ended.
    func wait(for node: String) throws -> Imprag.Outcome {
        try #require(nodes[node], "\(node) was not started").wait(seconds: 30)
    }

    /// Sends a signal to a node.
    func signal(_ node: String, _ number: Int32) { nodes[node]?.kill(number) }

    /// - Parameter nodes: the coordinators to ask; none: the first one.
    func run(_ arguments: [String], input: String = "", at nodes: [String] = []) throws -> Imprag.Outcome {
        let endpoints = nodes.isEmpty ? endpoint : nodes.map(endpoint(of:)).joined(separator: ",")
        return try Imprag.run(arguments + ["--endpoint", endpoints], input: input)
    }
}
