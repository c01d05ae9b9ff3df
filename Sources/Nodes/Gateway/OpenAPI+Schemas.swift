import Cluster
import Core
import Wire

extension OpenAPI {
    /// What requests and answers have, as JSON Schemas: the members of an object.
    static let schemas = "\(common), \(filter), \(requests), \(answers)"

    private static let common = #"""
        "Error": {
          "type": "object", "required": ["error"],
          "properties": {"error": {
            "type": "object", "required": ["message", "type", "param", "code"],
            "properties": {
              "message": {"type": "string"},
              "type": {"enum": ["invalid_request_error", "authentication_error", "permission_error", "not_found_error",
                "rate_limit_error", "server_error"]},
              "param": {"type": ["string", "null"], "description": "The wrong field, as in messages[0].role"},
              "code": {"enum": ["invalid_argument", "unauthenticated", "permission_denied", "not_found",
                "failed_precondition", "resource_exhausted", "cancelled", "data_loss", "internal", "unavailable",
                "deadline_exceeded"]}
            }
          }}
        },
        "Metadata": {
          "type": "object", "maxProperties": \#(MetadataValue.fieldLimit),
          "propertyNames": {"minLength": 1, "maxLength": \#(MetadataValue.fieldNameByteLimit)},
          "description": "A name of at most \#(MetadataValue.fieldNameByteLimit) bytes, strings of at most \#(MetadataValue.stringByteLimit)",
          "additionalProperties": {"anyOf": [
            {"type": "string", "maxLength": \#(MetadataValue.stringByteLimit)}, {"type": "number"},
            {"type": "array", "maxItems": \#(MetadataValue.listLimit),
              "items": {"type": "string", "maxLength": \#(MetadataValue.stringByteLimit)}}]}
        },
        "Words": {"description": "How the words of the prompt take part", "enum": ["off", "fuse", "only", null]},
        "Completeness": {
          "description": "fail: an error when a shard is missing; partial: an answer from the others",
          "enum": ["fail", "partial", null]
        },
        "K": {"type": ["integer", "null"], "minimum": 0, "maximum": \#(CoordinatorSettings.kLimit), "description": "\#(Limit.k)"},
        "Recall": {"type": ["number", "null"], "minimum": 0.5, "maximum": 0.999},
        "Exact": {"type": ["boolean", "null"], "description": "Compares with every passage"},
        "MinEpoch": {"type": ["integer", "null"], "minimum": 0, "maximum": 4611686018427387904,
          "description": "Waits until what an update's answer called its epoch is found"},
        "Timeout": {"type": ["integer", "null"], "minimum": 1, "maximum": 86400000, "default": 30000,
          "description": "Milliseconds; a request that takes longer gets 504"},
        "ModelName": {"type": ["string", "null"],
          "description": "A collection's name or alias; default, empty or absent: whatever is served"},
        "PassageID": {"type": "string", "minLength": 1, "maxLength": \#(Passage.idByteLimit),
          "description": "At most \#(Passage.idByteLimit) bytes"},
        "Wait": {"enum": ["durable", "found", null],
          "description": "found: not before every search finds it, with counts in the answer"}
        """#

    private static let sampling = #"""
        "model": {"$ref": "#/components/schemas/ModelName"},
        "max_tokens": {"type": ["integer", "null"], "minimum": 1, "maximum": \#(CoordinatorSettings.answerTokenLimit),
          "description": "\#(Limit.maxTokens)"},
        "temperature": {"type": ["number", "null"], "minimum": 0, "maximum": 2, "default": 0},
        "top_p": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
        "seed": {"type": ["integer", "null"], "minimum": -9223372036854775808, "maximum": 9223372036854775807},
        "stop": {"description": "Each of at most 256 bytes", "anyOf": [
          {"type": ["string", "null"], "minLength": 1, "maxLength": 256},
          {"type": "array", "maxItems": 16, "items": {"type": "string", "minLength": 1, "maxLength": 256}}]},
        "stream": {"type": ["boolean", "null"]},
        "stream_options": {
          "description": "Only with stream", "type": ["object", "null"], "additionalProperties": false,
          "properties": {
            "include_usage": {"type": ["boolean", "null"]}, "include_obfuscation": {"enum": [false, null]}}
        },
        "user": {"type": ["string", "null"]},
        "n": {"enum": [1, null]},
        "presence_penalty": {"enum": [0, null]},
        "frequency_penalty": {"enum": [0, null]},
        "logit_bias": {"type": ["object", "null"], "maxProperties": 0},
        "imprag": {
          "type": ["object", "null"], "additionalProperties": false,
          "properties": {
            "k": {"$ref": "#/components/schemas/K"},
            "filter": {"anyOf": [{"$ref": "#/components/schemas/Filter"}, {"type": "null"}]},
            "recall": {"$ref": "#/components/schemas/Recall"}, "exact": {"$ref": "#/components/schemas/Exact"},
            "words": {"$ref": "#/components/schemas/Words"},
            "encoding": {"enum": ["concatenated", "segmented", "independent", null]},
            "speculate": {"type": ["boolean", "null"],
              "description": "false: one token a pass of the model; the answer is the same, perhaps later"},
            "token_attention": {"type": ["boolean", "null"],
              "description": "Chunks, and an answer that is no stream, say which passages each token looked at"},
            "completeness": {"$ref": "#/components/schemas/Completeness"},
            "min_epoch": {"$ref": "#/components/schemas/MinEpoch"},
            "timeout_ms": {"$ref": "#/components/schemas/Timeout"},
            "abstain": {"type": ["boolean", "null"], "description": "Answers only where there is reason to"},
            "receipt": {"type": ["boolean", "null"], "description": "The answer brings what imprag replay needs"}
          }
        }
        """#

    /// What JSON Schema has no field for: `stream_options` goes with `stream`.
    private static let streaming = #"""
        {"if": {"required": ["stream_options"], "properties": {"stream_options": {"type": "object"}}},
          "then": {"required": ["stream"], "properties": {"stream": {"const": true}}}}
        """#

    private static let requests = #"""
        "CompletionRequest": {
          "type": "object", "additionalProperties": false, "required": ["prompt"], "allOf": [\#(streaming)],
          "properties": {
            "prompt": {
              "description": "\#(Limit.prompt)", "anyOf": [
                {"type": "string", "pattern": "\\S"},
                {"type": "array", "items": {"type": "string", "pattern": "\\S"}, "minItems": 1, "maxItems": 1}
              ]
            },
            "logprobs": {"description": "0: the chosen tokens' alone",
              "anyOf": [{"type": ["integer", "null"], "minimum": 0, "maximum": 5}, {"const": false}]},
            "best_of": {"enum": [1, null]}, "echo": {"enum": [false, null]},
            \#(sampling)
          }
        },
        "ChatRequest": {
          "type": "object", "additionalProperties": false, "required": ["messages"],
          "allOf": [
            \#(streaming),
            {"if": {"required": ["top_logprobs"], "properties": {"top_logprobs": {"type": "integer", "minimum": 1}}},
              "then": {"required": ["logprobs"], "properties": {"logprobs": {"const": true}}}},
            {"not": {"required": ["max_tokens", "max_completion_tokens"],
              "properties": {"max_tokens": {"type": "integer"}, "max_completion_tokens": {"type": "integer"}}}}
          ],
          "properties": {
            "messages": {"type": "array", "minItems": 1, "maxItems": 1024,
              "items": {"$ref": "#/components/schemas/Message"},
              "contains": {"properties": {"role": {"const": "user"}}},
              "description": "The user's last one is what passages are searched for. All together: \#(Limit.prompt)"},
            "max_completion_tokens": {"type": ["integer", "null"], "minimum": 1,
              "maximum": \#(CoordinatorSettings.answerTokenLimit), "description": "\#(Limit.maxTokens)"},
            "logprobs": {"type": ["boolean", "null"]},
            "top_logprobs": {"type": ["integer", "null"], "minimum": 0, "maximum": 20,
              "description": "Only with logprobs"},
            "response_format": {"type": ["object", "null"], "additionalProperties": false,
              "required": ["type"], "properties": {"type": {"const": "text"}}},
            "modalities": {"enum": [["text"], null]}, "service_tier": {"enum": ["auto", "default", null]},
            "safety_identifier": {"type": ["string", "null"]}, "prompt_cache_key": {"type": ["string", "null"]},
            "store": {"enum": [false, null]}, "metadata": {"type": ["object", "null"], "maxProperties": 0},
            \#(sampling)
          }
        },
        "Message": {
          "type": "object", "required": ["role", "content"],
          "anyOf": [
            {"additionalProperties": false, "properties": {
              "role": {"enum": ["system", "developer", "assistant"]}, "content": {"anyOf": [{"type": "string"},
                {"type": "array", "items": {"$ref": "#/components/schemas/TextPart"}}]}}},
            {"additionalProperties": false, "properties": {
              "role": {"const": "user"}, "content": {"anyOf": [{"type": "string", "pattern": "\\S"},
                {"type": "array", "minItems": 1, "items": {"allOf": [{"$ref": "#/components/schemas/TextPart"},
                  {"properties": {"text": {"pattern": "\\S"}}}]}}]}}}
          ]
        },
        "TextPart": {"type": "object", "additionalProperties": false, "required": ["type", "text"],
          "properties": {"type": {"const": "text"}, "text": {"type": "string"}}},
        "SearchRequest": {
          "type": "object", "additionalProperties": false, "required": ["query"],
          "properties": {
            "query": {"type": "string", "pattern": "\\S", "description": "\#(Limit.prompt)"},
            "model": {"$ref": "#/components/schemas/ModelName"},
            "k": {"type": ["integer", "null"], "minimum": 1, "maximum": \#(CoordinatorSettings.kLimit), "description": "\#(Limit.k)"},
            "filter": {"anyOf": [{"$ref": "#/components/schemas/Filter"}, {"type": "null"}]},
            "recall": {"$ref": "#/components/schemas/Recall"}, "exact": {"$ref": "#/components/schemas/Exact"},
            "words": {"$ref": "#/components/schemas/Words"},
            "completeness": {"$ref": "#/components/schemas/Completeness"},
            "min_epoch": {"$ref": "#/components/schemas/MinEpoch"},
            "timeout_ms": {"$ref": "#/components/schemas/Timeout"}
          }
        },
        "EmbeddingsRequest": {
          "type": "object", "additionalProperties": false, "required": ["input"],
          "properties": {
            "input": {
              "description": "A passage of at most \#(Passage.contentByteLimit) bytes; a query as a prompt", "anyOf": [
                {"type": "string", "pattern": "\\S"},
                {"type": "array", "items": {"type": "string", "pattern": "\\S"}, "minItems": 1, "maxItems": \#(EmbedRequest.textLimit)}
              ]
            },
            "model": {"$ref": "#/components/schemas/ModelName"},
            "input_type": {"enum": ["query", "passage", null], "default": "passage",
              "description": "query: what is searched for; passage: what is found"},
            "encoding_format": {"enum": ["float", "base64", null], "default": "float",
              "description": "base64: of float32, little-endian"},
            "dimensions": {"anyOf": [{"$ref": "#/components/schemas/Dimension"}, {"type": "null"}]},
            "user": {"type": ["string", "null"]},
            "imprag": {"type": ["object", "null"], "additionalProperties": false,
              "properties": {"timeout_ms": {"$ref": "#/components/schemas/Timeout"}}}
          }
        },
        "UpsertRequest": {
          "type": "object", "additionalProperties": false, "required": ["passages"],
          "properties": {
            "passages": {"type": "array", "minItems": 1, "maxItems": \#(CoordinatorSettings.updatePassageLimit),
              "description": "Of those with one id the last counts. \#(Limit.updateCount)", "items": {
              "type": "object", "additionalProperties": false, "required": ["id", "text"],
              "properties": {
                "id": {"$ref": "#/components/schemas/PassageID"},
                "title": {"type": ["string", "null"], "maxLength": \#(Passage.contentByteLimit)},
                "text": {"type": "string", "pattern": "\\S", "maxLength": \#(Passage.contentByteLimit),
                  "description": "Title and text have at most \#(Passage.contentByteLimit) bytes together"},
                "metadata": {"anyOf": [{"$ref": "#/components/schemas/Metadata"}, {"type": "null"}]}
              }
            }},
            "model": {"$ref": "#/components/schemas/ModelName"}, "wait": {"$ref": "#/components/schemas/Wait"},
            "timeout_ms": {"$ref": "#/components/schemas/Timeout"}
          }
        },
        "DeleteRequest": {
          "type": "object", "additionalProperties": false, "required": ["ids"],
          "properties": {
            "ids": {"type": "array", "minItems": 1, "maxItems": \#(CoordinatorSettings.updatePassageLimit), "uniqueItems": true,
              "description": "\#(Limit.updateCount)", "items": {"$ref": "#/components/schemas/PassageID"}},
            "model": {"$ref": "#/components/schemas/ModelName"}, "wait": {"$ref": "#/components/schemas/Wait"},
            "timeout_ms": {"$ref": "#/components/schemas/Timeout"}
          }
        }
        """#

    private static let answers = #"""
        "Source": {
          "type": "object", "required": ["rank", "id", "title", "text", "score"],
          "properties": {
            "rank": {"type": "integer", "minimum": 1}, "id": {"type": "string"}, "title": {"type": "string"},
            "text": {"type": "string"}, "score": {"type": ["number", "null"]},
            "by_vector": {"$ref": "#/components/schemas/Place"}, "by_words": {"$ref": "#/components/schemas/Place"},
            "metadata": {"$ref": "#/components/schemas/Metadata"}, "attention": {"type": ["number", "null"]}
          }
        },
        "Place": {"type": "object", "properties": {"rank": {"type": "integer"}, "score": {"type": ["number", "null"]}}},
        "Coverage": {
          "type": "object", "required": ["complete", "passages_searched", "passages_total", "shards"],
          "properties": {
            "complete": {"type": "boolean"}, "passages_searched": {"type": "integer"},
            "passages_total": {"type": "integer"},
            "shards": {"type": "array", "items": {"type": "object", "required": ["name", "state", "passages_searched"],
              "properties": {"name": {"type": "string"}, "state": {"type": "string"}, "message": {"type": "string"},
                "passages_searched": {"type": "integer"},
                "duration_ms": {"type": "number", "description": "From the beginning of the fan-out to its answer"},
                "search_ms": {"type": "number", "description": "Its own time for searching, of that"},
                "turn": {"enum": ["first", "hedge", "retry"]},
                "partitions": {"type": "array", "items": {"type": "object", "properties": {
                  "partition": {"type": "integer"}, "passages": {"type": "integer"}, "epoch": {"type": "integer"},
                  "search_ms": {"type": "number"}}}}}}}
          }
        },
        "Timings": {"description": "Milliseconds: queue, prompt, search, read, first_token, total",
          "type": "object", "additionalProperties": {"type": "number"}},
        "Found": {
          "type": "object", "required": ["object", "data", "complete", "completeness", "timings_ms"],
          "properties": {
            "object": {"const": "list"}, "data": {"type": "array", "items": {"$ref": "#/components/schemas/Source"}},
            "complete": {"type": "boolean"}, "completeness": {"$ref": "#/components/schemas/Coverage"},
            "timings_ms": {"$ref": "#/components/schemas/Timings"}
          }
        },
        "Usage": {"type": "object", "required": ["prompt_tokens", "completion_tokens", "total_tokens"],
          "additionalProperties": {"type": "integer"}},
        "Answered": {
          "type": "object", "required": ["sources", "finish", "complete", "completeness", "timings_ms"],
          "properties": {
            "sources": {"type": "array", "items": {"$ref": "#/components/schemas/Source"}},
            "finish": {"type": "string"}, "complete": {"type": "boolean"},
            "completeness": {"$ref": "#/components/schemas/Coverage"},
            "timings_ms": {"$ref": "#/components/schemas/Timings"},
            "proposed_tokens": {"type": "integer", "description": "Verified ahead of time"},
            "accepted_tokens": {"type": "integer", "description": "Those of them that were right: each saved a pass"},
            "tokens": {"type": "array", "description": "With token_attention, of an answer that is no stream",
              "items": {"type": "object", "required": ["token", "attention"], "properties": {
                "token": {"type": "string"}, "attention": {"type": "array", "items": {"type": "number"}}}}},
            "abstained": {"type": "object", "required": ["reason", "why"], "properties": {
              "reason": {"enum": ["no_context", "low_score", "partial_index", "unsupported"]},
              "why": {"type": "string"}}},
            "abstain_notice": {"type": "string", "description": "What could not be checked"},
            "receipt": {"type": "object", "description": "docs/certainty.md has its fields"}
          }
        },
        "Completion": {
          "type": "object", "required": ["id", "object", "created", "model", "choices", "usage", "imprag"],
          "properties": {
            "id": {"type": "string"}, "object": {"const": "text_completion"}, "created": {"type": "integer"},
            "model": {"type": "string"}, "usage": {"$ref": "#/components/schemas/Usage"},
            "imprag": {"$ref": "#/components/schemas/Answered"},
            "choices": {"type": "array", "items": {"type": "object", "required": ["index", "text", "finish_reason"],
              "properties": {"index": {"const": 0}, "text": {"type": "string"}, "finish_reason": {"type": "string"},
                "logprobs": {"type": ["object", "null"]}}}}
          }
        },
        "Chat": {
          "type": "object", "required": ["id", "object", "created", "model", "choices", "usage", "imprag"],
          "properties": {
            "id": {"type": "string"}, "object": {"const": "chat.completion"}, "created": {"type": "integer"},
            "model": {"type": "string"}, "usage": {"$ref": "#/components/schemas/Usage"},
            "imprag": {"$ref": "#/components/schemas/Answered"},
            "choices": {"type": "array", "items": {"type": "object", "required": ["index", "message", "finish_reason"],
              "properties": {"index": {"const": 0}, "finish_reason": {"type": "string"},
                "message": {"type": "object", "required": ["role", "content"], "properties": {
                  "role": {"const": "assistant"}, "content": {"type": "string"}}},
                "logprobs": {"type": ["object", "null"], "properties": {
                  "content": {"type": "array", "items": {"$ref": "#/components/schemas/TokenEntry"}}}}}}}
          }
        },
        "TokenEntry": {
          "type": "object", "required": ["token", "logprob", "bytes"],
          "properties": {
            "token": {"type": "string", "description": "Of a part of a character as in \\xe2\\x80"},
            "logprob": {"type": ["number", "null"]},
            "bytes": {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 255}},
            "top_logprobs": {"type": "array", "items": {"$ref": "#/components/schemas/TokenEntry"}}
          }
        },
        "Embeddings": {
          "type": "object", "required": ["object", "data", "model", "usage", "imprag"],
          "properties": {
            "object": {"const": "list"}, "model": {"type": "string"},
            "data": {"type": "array", "items": {"type": "object", "required": ["object", "index", "embedding"],
              "properties": {"object": {"const": "embedding"}, "index": {"type": "integer"},
                "embedding": {"anyOf": [{"type": "array", "items": {"type": "number"}}, {"type": "string"}]}}}},
            "usage": {"type": "object", "required": ["prompt_tokens", "total_tokens"],
              "additionalProperties": {"type": "integer"}},
            "imprag": {"type": "object", "required": ["input_type", "cut", "fingerprint"], "properties": {
              "input_type": {"enum": ["query", "passage"]},
              "cut": {"type": "array", "items": {"type": "integer"},
                "description": "Which texts are longer than what the model reads of a passage"},
              "fingerprint": {"type": "string", "description": "Of the model"}}}
          }
        },
        "Collection": {
          "type": "object",
          "required": ["id", "object", "name", "aliases", "partitions", "passages", "epoch", "dimension", "fingerprint",
            "ready"],
          "properties": {
            "id": {"type": "string"}, "object": {"const": "collection"}, "name": {"type": "string"},
            "aliases": {"type": "array", "items": {"type": "string"}}, "partitions": {"type": "integer"},
            "passages": {"type": "integer"}, "epoch": {"type": "integer"},
            "dimension": {"type": "integer", "description": "The numbers of an embedding"},
            "fingerprint": {"type": ["string", "null"], "description": "Of the model"},
            "ready": {"type": "boolean", "description": "Whether every node is"}
          }
        },
        "Collections": {"type": "object", "required": ["object", "data"], "properties": {
          "object": {"const": "list"},
          "data": {"type": "array", "items": {"$ref": "#/components/schemas/Collection"}}}},
        "Model": {
          "type": "object", "required": ["id", "object", "created", "owned_by"],
          "properties": {"id": {"type": "string"}, "object": {"const": "model"}, "created": {"type": "integer"},
            "owned_by": {"const": "imprag"}}
        },
        "Models": {"type": "object", "required": ["object", "data"], "properties": {
          "object": {"const": "list"}, "data": {"type": "array", "items": {"$ref": "#/components/schemas/Model"}}}},
        "Upserted": {
          "type": "object", "required": ["object", "passages", "cut", "epoch", "found"],
          "properties": {
            "object": {"const": "passages.upserted"}, "passages": {"type": "integer"}, "inserted": {"type": "integer"},
            "replaced": {"type": "integer"}, "cut": {"type": "integer", "description": "Longer than the model reads"},
            "epoch": {"type": "integer"}, "found": {"type": "boolean"}
          }
        },
        "Deleted": {
          "type": "object", "required": ["object", "ids", "epoch", "found"],
          "properties": {"object": {"const": "passages.deleted"}, "ids": {"type": "integer"},
            "deleted": {"type": "integer"}, "epoch": {"type": "integer"}, "found": {"type": "boolean"}}
        },
        "Status": {"type": "object", "required": ["nodes"], "properties": {"nodes": {"type": "array", "items": {
          "type": "object", "required": ["name", "role", "state"], "properties": {
            "name": {"type": "string"}, "role": {"type": "string"}, "state": {"type": "string"}}}}}}
        """#
}
