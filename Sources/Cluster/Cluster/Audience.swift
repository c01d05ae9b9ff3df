import Core
import Messaging
import Wire

extension Request {
    /// The roles that may send it: the one table of them. What is between nodes is for nodes alone, because it is taken
    /// on trust: vectors that win every search, states that answers are made from.
    var audience: Set<KeyRole> {
        switch self {
        case .ask, .search, .embed: [.read, .write, .admin]
        case .upsert, .delete: [.write, .admin]
        case .status, .ping, .cancel: [.read, .write, .admin, .node]
        case .shardSearch, .generate, .fetchStates, .storeStates, .apply: [.node]
        }
    }
}

extension Caller {
    /// Throws `permissionDenied` when the caller's role may not send `request`.
    func check(_ request: Request) throws(ImpRAGError) {
        guard let role, !request.audience.contains(role) else { return }
        let right = KeyRole.allCases.filter(request.audience.contains).map(\.rawValue)
        throw ImpRAGError(
            .permissionDenied,
            "the key \"\(self)\" has the role \(role.rawValue); \(request.name) takes one with the role "
                + right.joined(separator: " or "))
    }
}
