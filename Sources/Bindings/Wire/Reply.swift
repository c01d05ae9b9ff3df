public import Core

/// What comes back.
public enum Reply: Hashable, Sendable {
    /// Ends the request.
    case failure(Failure)
    case sources(AskSources)
    case token(AnswerToken)
    case askDone(AskDone)
    case search(SearchReply)
    case status(StatusReply)
    case ping
    case shardSearch(ShardSearchReply)
    case generateDone(GenerateDone)
    case upsert(UpsertReply)
    case delete(DeleteReply)
    case fetchStates(FetchStatesReply)
    case storeStates(StoreStatesReply)
    case apply(ApplyReply)
    case embed(EmbedReply)

    /// The field's name in Protos/imprag.proto, for logs and errors.
    public var name: String {
        switch self {
        case .failure: "failure"
        case .sources: "ask_sources"
        case .token: "token"
        case .askDone: "ask_done"
        case .search: "search_reply"
        case .status: "status_reply"
        case .ping: "ping_reply"
        case .shardSearch: "shard_search_reply"
        case .generateDone: "generate_done"
        case .upsert: "upsert_reply"
        case .delete: "delete_reply"
        case .fetchStates: "fetch_states_reply"
        case .storeStates: "store_states_reply"
        case .apply: "apply_reply"
        case .embed: "embed_reply"
        }
    }
}
