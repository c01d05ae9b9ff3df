import Core

/// An entry of `nodes` without a name: what every node of its role is, whatever it is called. `{node}` in its texts
/// stands for the name.
struct NodeTemplate: Sendable {
    /// With the role for a name, for those who need to know what such nodes are like.
    let example: NodeConfiguration
    private let entry: JSONValue
    private let path: String
    private let shared: ClusterFile.Shared

    static func isTemplate(_ entry: JSONValue) -> Bool {
        if case .object(let members) = entry { members["name"] == nil } else { false }
    }

    /// Nil for an entry that is wrong, which is reported.
    init?(_ entry: JSONValue, path: String, _ shared: ClusterFile.Shared, _ problems: Problems) {
        guard case .object(let members) = entry else { return nil }
        self.entry = entry
        self.path = path
        self.shared = shared
        let role = if case .string(let text)? = members["role"] { text } else { "node" }
        guard let example = Self.node(named: role, entry, path, shared, problems) else { return nil }
        self.example = example
    }

    /// The node called `name`. Throws `invalidArgument` for what is no name, or makes something else wrong.
    func node(named name: String) throws(ImpRAGError) -> NodeConfiguration {
        let problems = Problems()
        let node = Self.node(named: name, entry, path, shared, problems)
        guard let node, problems.lines.isEmpty else {
            throw ImpRAGError(
                .invalidArgument, "there can be no node \"\(name)\": " + problems.lines.joined(separator: "; "))
        }
        return node
    }

    private static func node(
        named name: String, _ entry: JSONValue, _ path: String, _ shared: ClusterFile.Shared, _ problems: Problems
    ) -> NodeConfiguration? {
        guard case .object(var members) = entry else { return nil }
        for (key, value) in members {
            if case .string(let text) = value {
                members[key] = .string(text.replacing("{node}", with: name))
            }
        }
        members["name"] = .string(name)
        var reader = ObjectReader(members, path: path, problems: problems)
        return ClusterFile.node(&reader, shared)
    }
}
