public import Core
import Foundation

/// A checked cluster file: which nodes there are, where they are, and how each is configured (docs/cluster.md).
///
/// Holds for every instance: names and endpoints are unique; without `membership` there are at least one coordinator
/// and one generator, and every partition of the index is served by at least one shard.
public struct ClusterConfiguration: Sendable {
    /// `partitions`: the number of partitions that the index was made with.
    public let partitionCount: Int
    /// In the file's order.
    public let nodes: [NodeConfiguration]
    /// Nil: the file says who there is and who serves what.
    public let membership: MembershipSettings?
    private let templates: [NodeTemplate]

    /// The most nodes that one file may name.
    public static let nodeLimit = 4096
    /// The most partitions of an index.
    public static let partitionLimit = 1024
    /// Cluster files are small; a larger file is something else.
    public static let fileByteLimit = 4 << 20

    /// Reads and checks a cluster file. Relative paths in it are relative to the file's directory.
    ///
    /// - Throws: `notFound` when the file cannot be read, `invalidArgument` with every problem found, one a line.
    public init(path: String) throws(ImpRAGError) {
        let url = URL(filePath: path)
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: url.resolvingSymlinksInPath().path)
        else {
            throw ImpRAGError(.notFound, "the cluster file \(path) does not exist")
        }
        guard attributes[.type] as? FileAttributeType == .typeRegular else {
            throw ImpRAGError(.notFound, "the cluster file \(path) is not a regular file")
        }
        let text: Data
        do {
            text = try Data(contentsOf: url)
        } catch {
            throw ImpRAGError(.notFound, "the cluster file \(path) cannot be read", cause: error)
        }
        try self.init(
            text: text, source: path,
            directory: url.absoluteURL.deletingLastPathComponent().path(percentEncoded: false))
    }

    /// - Parameters:
    ///   - source: what messages call the text, usually its path.
    ///   - directory: what relative paths are relative to.
    public init(text: String, source: String, directory: String) throws(ImpRAGError) {
        try self.init(text: Data(text.utf8), source: source, directory: directory)
    }

    private init(text: Data, source: String, directory: String) throws(ImpRAGError) {
        guard text.count <= Self.fileByteLimit else {
            throw ImpRAGError(
                .invalidArgument, "\(source) has \(text.count) bytes; a cluster file has at most \(Self.fileByteLimit)")
        }
        let value = try JSONScanner.value(.file(source), bytes: Array(text), allowsComments: true)
        let problems = Problems()
        let file = ClusterFile(value, directory: directory, problems: problems)
        guard problems.lines.isEmpty else {
            let count = problems.lines.count == 1 ? "1 problem" : "\(problems.lines.count) problems"
            throw ImpRAGError(
                .invalidArgument, "\(source) has \(count):\n" + problems.lines.map { "  \($0)" }.joined(separator: "\n")
            )
        }
        partitionCount = file.partitionCount
        nodes = file.nodes
        membership = file.membership
        templates = file.templates
    }

    /// The node called `name`. Throws `notFound` listing the names that exist.
    public func node(named name: String) throws(ImpRAGError) -> NodeConfiguration {
        if let node = nodes.first(where: { $0.name == name }) { return node }
        let near = nearestName(to: name, among: nodes.map(\.name)).map { "; did you mean \($0)?" } ?? "."
        throw ImpRAGError(
            .notFound,
            "the cluster file has no node \"\(name)\"\(near) It has \(nodes.map(\.name).joined(separator: ", "))")
    }

    /// The node called `name`, which has to be of `kind`. Throws `notFound` or `invalidArgument`.
    public func node(named name: String, kind: NodeRole) throws(ImpRAGError) -> NodeConfiguration {
        let isListed = nodes.contains { $0.name == name }
        if !isListed, let template = templates.first(where: { $0.example.kind == kind }) {
            return try template.node(named: name)
        }
        let node = try node(named: name)
        guard node.kind == kind else {
            throw ImpRAGError(
                .invalidArgument,
                "the node \"\(name)\" is a \(node.kind.rawValue), not a \(kind.rawValue); start it with "
                    + "`imprag \(node.kind.rawValue)`")
        }
        return node
    }

    /// What the file says of coordinators.
    public var coordinators: [CoordinatorSettings] {
        (nodes + templates.map(\.example)).compactMap { node in
            if case .coordinator(let settings) = node.role { settings } else { nil }
        }
    }

    /// All nodes of one kind, in the file's order.
    public func nodes(of kind: NodeRole) -> [NodeConfiguration] { nodes.filter { $0.kind == kind } }
}
