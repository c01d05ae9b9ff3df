import Core

/// The description of the HTTP interface that `/openapi.json` has, for client generators and for people.
enum OpenAPI {
    /// OpenAPI 3.1, as JSON.
    ///
    /// - Parameter dimensions: of the embeddings of what is served; empty: not known.
    static func document(dimensions: [Int] = []) -> String {
        var information = JSONLine()
        information.add("title", "ImpRAG gateway")
        information.add("version", "1")
        information.add(
            "description",
            "Passages and answers over them, as OpenAI's clients speak. What is not described here is refused, never "
                + "ignored; null counts as absent.")
        var document = JSONLine()
        document.add("openapi", "3.1.0")
        document.add("info", information)
        document.add("security", raw: #"[{}, {"key": []}]"#)
        document.add("paths", raw: paths)
        let schemas = "{\(schemas), \"Dimension\": \(dimension(dimensions).line)}"
        document.add("components", raw: "{\(security), \(responses), \"schemas\": \(schemas)}")
        return document.line
    }

    /// A request's `dimensions`.
    private static func dimension(_ known: [Int]) -> JSONLine {
        var schema = JSONLine()
        schema.add("type", "integer")
        if known.isEmpty { schema.add("minimum", 1) } else { schema.add("enum", known) }
        schema.add(
            "description",
            "The numbers of an embedding, which /v1/collections/{collection} has; any other is refused: none is cut short"
        )
        return schema
    }

    private static let security = #"""
        "securitySchemes": {
          "key": {"type": "http", "scheme": "bearer", "description": "The secret of a key of --keys; without those, none. Answers to a key with limits have x-ratelimit-* headers."}
        }
        """#

    /// Those of operations that ask the cluster, beside the answer itself.
    private static let failures = #"""
        "429": {"$ref": "#/components/responses/Busy"}, "503": {"$ref": "#/components/responses/Unavailable"},
              "504": {"$ref": "#/components/responses/Late"}, "default": {"$ref": "#/components/responses/Error"}
        """#

    private static let responses = #"""
        "responses": {
          "Busy": {
            "description": "Too busy, or beyond the limits of the key",
            "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
          },
          "Unavailable": {
            "description": "The cluster is loading, or what the request needs of it is away",
            "headers": {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
          },
          "Late": {
            "description": "timeout_ms was over before the answer was there; nothing goes on with it, but an update may be done",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
          },
          "Error": {
            "description": "4xx: what is wrong with the request; 5xx: what is wrong with the cluster",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
          }
        }
        """#

    private static let paths = #"""
        {
          "/v1/completions": {"post": {
            "operationId": "complete", "summary": "Continues a prompt with what the passages say",
            "requestBody": {"required": true, "content": {"application/json": {"schema":
              {"$ref": "#/components/schemas/CompletionRequest"}}}},
            "responses": {
              "200": {"description": "The answer, or with stream its chunks as server-sent events", "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Completion"}},
                "text/event-stream": {"schema": {"description": "The data of each is a chunk, the last [DONE]"}}}},
              \#(failures)}
          }},
          "/v1/chat/completions": {"post": {
            "operationId": "chat", "summary": "Answers the last message of a conversation",
            "requestBody": {"required": true, "content": {"application/json": {"schema":
              {"$ref": "#/components/schemas/ChatRequest"}}}},
            "responses": {
              "200": {"description": "The answer, or with stream its chunks as server-sent events", "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Chat"}},
                "text/event-stream": {"schema": {"description": "The data of each is a chunk, the last [DONE]"}}}},
              \#(failures)}
          }},
          "/v1/models": {"get": {
            "operationId": "models", "summary": "The collections that are listed",
            "responses": {
              "200": {"description": "A list", "content": {"application/json": {"schema":
                {"$ref": "#/components/schemas/Models"}}}},
              \#(failures)}
          }},
          "/v1/models/{model}": {"get": {
            "operationId": "model", "summary": "One of them",
            "parameters": [
              {"name": "model", "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}}],
            "responses": {
              "200": {"description": "It", "content": {"application/json": {"schema":
                {"$ref": "#/components/schemas/Model"}}}},
              \#(failures)}
          }},
          "/v1/embeddings": {"post": {
            "operationId": "embed", "summary": "The embeddings of texts, as the collection's model makes them",
            "requestBody": {"required": true, "content": {"application/json": {"schema":
              {"$ref": "#/components/schemas/EmbeddingsRequest"}}}},
            "responses": {
              "200": {"description": "One for each text, in order, not normalised", "content": {"application/json":
                {"schema": {"$ref": "#/components/schemas/Embeddings"}}}},
              \#(failures)}
          }},
          "/v1/collections": {"get": {
            "operationId": "collections", "summary": "The collections that the coordinators serve",
            "responses": {
              "200": {"description": "A list", "content": {"application/json": {"schema":
                {"$ref": "#/components/schemas/Collections"}}}},
              \#(failures)}
          }},
          "/v1/collections/{collection}": {"get": {
            "operationId": "collection", "summary": "One of them, by its name or an alias",
            "parameters": [
              {"name": "collection", "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}}],
            "responses": {
              "200": {"description": "It", "content": {"application/json": {"schema":
                {"$ref": "#/components/schemas/Collection"}}}},
              \#(failures)}
          }},
          "/v1/search": {"post": {
            "operationId": "search", "summary": "The passages for a query, without an answer",
            "requestBody": {"required": true, "content": {"application/json": {"schema":
              {"$ref": "#/components/schemas/SearchRequest"}}}},
            "responses": {
              "200": {"description": "Passages, best first", "content": {"application/json": {"schema":
                {"$ref": "#/components/schemas/Found"}}}},
              \#(failures)}
          }},
          "/v1/passages": {
            "post": {
              "operationId": "upsert", "summary": "Inserts passages, or replaces those of the same id",
              "requestBody": {"required": true, "content": {"application/json": {"schema":
                {"$ref": "#/components/schemas/UpsertRequest"}}}},
              "responses": {
                "200": {"description": "They are durable", "content": {"application/json": {"schema":
                  {"$ref": "#/components/schemas/Upserted"}}}},
                \#(failures)}
            },
            "delete": {
              "operationId": "delete", "summary": "Deletes passages",
              "requestBody": {"required": true, "content": {"application/json": {"schema":
                {"$ref": "#/components/schemas/DeleteRequest"}}}},
              "responses": {
                "200": {"description": "That is durable", "content": {"application/json": {"schema":
                  {"$ref": "#/components/schemas/Deleted"}}}},
                \#(failures)}
            }
          },
          "/v1/passages/{id}": {"delete": {
            "operationId": "deleteOne", "summary": "Deletes a passage",
            "parameters": [
              {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/PassageID"}}],
            "responses": {
              "200": {"description": "That is durable", "content": {"application/json": {"schema":
                {"$ref": "#/components/schemas/Deleted"}}}},
              \#(failures)}
          }},
          "/v1/status": {"get": {
            "operationId": "status", "summary": "Every node, as `imprag status --json` prints it",
            "responses": {
              "200": {"description": "The nodes", "content": {"application/json": {"schema":
                {"$ref": "#/components/schemas/Status"}}}},
              \#(failures)}
          }},
          "/healthz": {"get": {
            "operationId": "health", "summary": "Whether the gateway lives", "security": [],
            "responses": {
              "200": {"description": "It does", "content": {"text/plain": {"schema": {"type": "string"}}}},
              "default": {"$ref": "#/components/responses/Error"}}
          }},
          "/readyz": {"get": {
            "operationId": "readiness", "summary": "Whether all nodes are ready", "security": [],
            "responses": {
              "200": {"description": "They are", "content": {"text/plain": {"schema": {"type": "string"}}}},
              \#(failures)}
          }},
          "/metrics": {"get": {
            "operationId": "metrics", "summary": "What the gateway counts, in Prometheus' text format",
            "responses": {
              "200": {"description": "It", "content": {"text/plain": {"schema": {"type": "string"}}}},
              "default": {"$ref": "#/components/responses/Error"}}
          }},
          "/openapi.json": {"get": {
            "operationId": "description", "summary": "This document", "security": [],
            "responses": {
              "200": {"description": "It", "content": {"application/json": {"schema": {"type": "object"}}}},
              "default": {"$ref": "#/components/responses/Error"}}
          }}
        }
        """#
}
