import Core
import HTTPServer
import Page

/// What a request is for.
enum GatewayRoute: Equatable {
    case completion(isChat: Bool)
    case embeddings
    case collections
    case collection(String)
    case models
    case model(String)
    case search
    case upsert
    case delete
    case deletePassage(String)
    case status
    case health
    case readiness
    case metrics
    case description
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
            throw GatewayFailure(
                ImpRAGError(.invalidArgument, "\(path) takes \(right), not \(method)"), status: 405,
                headers: ["Allow": right])
        }
        self = route
    }

    /// By path and method. Besides these there are single models, collections and passages, and the page's files.
    static let fixed: [String: [String: GatewayRoute]] = [
        "/v1/completions": ["POST": .completion(isChat: false)],
        "/v1/chat/completions": ["POST": .completion(isChat: true)],
        "/v1/embeddings": ["POST": .embeddings],
        "/v1/models": ["GET": .models],
        "/v1/collections": ["GET": .collections],
        "/v1/search": ["POST": .search],
        "/v1/passages": ["POST": .upsert, "DELETE": .delete],
        "/v1/status": ["GET": .status],
        "/healthz": ["GET": .health],
        "/readyz": ["GET": .readiness],
        "/metrics": ["GET": .metrics],
        "/openapi.json": ["GET": .description],
    ]

    private static func routes(_ path: String) -> [String: GatewayRoute] {
        if let routes = fixed[path] { return routes }
        if let name = rest(of: path, after: "/v1/models/") { return ["GET": .model(name)] }
        if let name = rest(of: path, after: "/v1/collections/") { return ["GET": .collection(name)] }
        if let id = rest(of: path, after: "/v1/passages/") { return ["DELETE": .deletePassage(id)] }
        return PageFiles.file(path).map { ["GET": .page($0)] } ?? [:]
    }

    private static func rest(of path: String, after prefix: String) -> String? {
        path.hasPrefix(prefix) && path != prefix ? String(path.dropFirst(prefix.count)) : nil
    }

    /// What a key must be good for; nil: none is needed.
    var role: KeyRole? {
        switch self {
        case .health, .readiness, .description, .page: nil
        case .upsert, .delete, .deletePassage: .write
        case .completion, .embeddings, .models, .model, .collections, .collection, .search, .status, .metrics: .read
        }
    }

    /// Whether an answer costs its caller tokens.
    var costsTokens: Bool {
        switch self {
        case .completion, .embeddings: true
        default: false
        }
    }

    /// What its requests are counted as: one of a few, whatever clients ask for.
    var label: String {
        switch self {
        case .completion(let isChat): isChat ? "/v1/chat/completions" : "/v1/completions"
        case .embeddings: "/v1/embeddings"
        case .collections: "/v1/collections"
        case .collection: "/v1/collections/{collection}"
        case .models: "/v1/models"
        case .model: "/v1/models/{model}"
        case .search: "/v1/search"
        case .upsert, .delete: "/v1/passages"
        case .deletePassage: "/v1/passages/{id}"
        case .status: "/v1/status"
        case .health: "/healthz"
        case .readiness: "/readyz"
        case .metrics: "/metrics"
        case .description: "/openapi.json"
        case .page: "/"
        }
    }
}
