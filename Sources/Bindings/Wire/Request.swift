/// What a node or a client asks of a node.
public enum Request: Hashable, Sendable {
    case ask(AskRequest)
    case search(SearchRequest)
    case status
    /// Stops the request of the same id; has no reply.
    case cancel
    case ping
    case shardSearch(ShardSearchRequest)
    case generate(GenerateRequest)
    case upsert(UpsertRequest)
    case delete(DeleteRequest)
    case fetchStates(FetchStatesRequest)
    case storeStates(StoreStatesRequest)
    case apply(ApplyRequest)
    case embed(EmbedRequest)

    /// The field's name in Protos/imprag.proto, for logs and errors.
    public var name: String {
        switch self {
        case .ask: "ask"
        case .search: "search"
        case .status: "status"
        case .cancel: "cancel"
        case .ping: "ping"
        case .shardSearch: "shard_search"
        case .generate: "generate"
        case .upsert: "upsert"
        case .delete: "delete"
        case .fetchStates: "fetch_states"
        case .storeStates: "store_states"
        case .apply: "apply"
        case .embed: "embed"
        }
    }
}
