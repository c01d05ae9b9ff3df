import Core
import HTTPServer
import Page

/// What a request is for.
enum GatewayRoute: Equatable {
    case completion(isChat: Bool)
    case models
    case model(String)
    case search
    case upsert
    case delete
    case deletePassage(String)
    case status
    case health
    case readiness
    case page(PageFile)

    /// - Throws: 404 for a path that there is not, 405 for another method.
    init(method: String, path: String) throws(GatewayFailure) {
        // HEAD is GET without a body, which the server sees to.
        let method = method == "HEAD" ? "GET" : method
        let routes = Self.routes(path)
        guard !routes.isEmpty else {
            throw GatewayFailure(ImpRAGError(.notFound, "there is no \(path)"))
        }
        guard let route = routes[method] else {
            let right = routes.keys.sorted().joined(separator: ", ")
            throw GatewayFailure(ImpRAGError(.invalidArgument, "\(path) takes \(right), not \(method)"), status: 405)
        }
        self = route
    }

    private static func routes(_ path: String) -> [String: GatewayRoute] {
        switch path {
        case "/v1/completions": return ["POST": .completion(isChat: false)]
        case "/v1/chat/completions": return ["POST": .completion(isChat: true)]
        case "/v1/models": return ["GET": .models]
        case "/v1/search": return ["POST": .search]
        case "/v1/passages": return ["POST": .upsert, "DELETE": .delete]
        case "/v1/status": return ["GET": .status]
        case "/healthz": return ["GET": .health]
        case "/readyz": return ["GET": .readiness]
        default: break
        }
        if let name = rest(of: path, after: "/v1/models/") { return ["GET": .model(name)] }
        if let id = rest(of: path, after: "/v1/passages/") { return ["DELETE": .deletePassage(id)] }
        return PageFiles.file(path).map { ["GET": .page($0)] } ?? [:]
    }

    private static func rest(of path: String, after prefix: String) -> String? {
        path.hasPrefix(prefix) && path != prefix ? String(path.dropFirst(prefix.count)) : nil
    }

    /// What a key must be good for; nil: none is needed.
    var role: KeyRole? {
        switch self {
        case .health, .readiness, .page: nil
        case .upsert, .delete, .deletePassage: .write
        case .completion, .models, .model, .search, .status: .read
        }
    }
}
