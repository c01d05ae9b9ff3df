extension OpenAPI {
    /// What descriptions say of limits that whoever runs the cluster sets (docs/cluster.md): the gateway does not know
    /// them, and a schema's bound is what no configuration can go beyond.
    enum Limit {
        static let k =
            "How many passages; the model's top_k if absent. At most what the cluster is configured for (max_k), 100 unless it is, "
            + "and what the model's context has room for"

        static let maxTokens =
            "At most what the cluster is configured for (max_answer_tokens), 2048 unless it is, and what the model's context leaves; if "
            + "absent default_answer_tokens, 128 unless configured"

        static let prompt =
            "At most what the cluster is configured for (max_prompt_tokens), 4096 tokens unless it is, and what the model's context has room "
            + "for"

        static let updateCount =
            "At most what the cluster is configured for (max_update_passages), 1000 unless it is"
    }
}
