import Foundation
import HTTP
import TestSupport
import Testing

/// What OpenAI's clients ask a gateway for beside completions: chats, embeddings, collections, the most probable
/// tokens.
@Suite(.serialized)
struct FrontDoorTests {
    private static let question = "What is the capital of Peru?"
    /// A turn of the user becomes a prompt as the model was taught to read it.
    private static let template =
        "{%- macro turn(message) -%}Q: {{ message.content }} A:{%- endmacro -%}"
        + "{{ bos_token }}{% for message in messages | selectattr('role', 'equalto', 'user') %}{{ turn(message) }}{% endfor %}"

    private let directory: TemporaryDirectory
    private let model: String
    private let cluster: RunningCluster
    private let gateway: HTTPGateway

    init() throws {
        directory = try TemporaryDirectory()
        model = directory.file("model")
        try FileManager.default.copyItem(atPath: LiveUpdateTests.model, toPath: model)
        let settings = ["bos_token": "<|begin_of_text|>", "chat_template": Self.template]
        try JSONSerialization.data(withJSONObject: settings)
            .write(to: URL(filePath: model + "/tokenizer_config.json"))
        cluster = try RunningCluster(
            model: model, index: LiveUpdateTests.makeIndex(directory), socket: directory.file("c"),
            ["--http", "127.0.0.1:*"])
        gateway = try HTTPGateway(saidIn: cluster.process.standardError)
    }

    @Test(
        "a chat is what the template makes of it: the same tokens as the prompt, with the same answer, streamed or not")
    func chat() throws {
        let prompt = try gateway.send(
            .post, "/v1/completions", #"{"prompt": "Q: \#(Self.question) A:", "imprag": {"k": 1}}"#)
        let text: String = try prompt.value("choices", 0, "text")
        #expect(text.contains("Lima"), "\(prompt.text)")
        let messages =
            #"[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "\#(Self.question)"}]"#
        let body = #"{"messages": \#(messages), "imprag": {"k": 1}, "logprobs": true, "top_logprobs": 3"#
        let whole = try gateway.send(.post, "/v1/chat/completions", body + "}")
        #expect(try whole.value("choices", 0, "message", "content") == text, "\(whole.text)")
        #expect(try whole.value("usage", "prompt_tokens") == prompt.value("usage", "prompt_tokens", as: Int.self))
        let entries: [[String: Any]] = try whole.value("choices", 0, "logprobs", "content")
        #expect(entries.compactMap { $0["token"] as? String }.joined() == text)
        for entry in entries {
            let best = try #require(entry["top_logprobs"] as? [[String: Any]])
            // The answer is greedy.
            #expect(best.count == 3 && best[0]["token"] as? String == entry["token"] as? String)
            #expect(best[0]["logprob"] as? Double == entry["logprob"] as? Double)
            #expect(entry["bytes"] as? [Int] == (entry["token"] as? String).map { $0.utf8.map { Int($0) } })
        }
        let stream = try gateway.send(.post, "/v1/chat/completions", body + #", "stream": true}"#)
        #expect(stream.text.contains("\"top_logprobs\":[{") && stream.text.hasSuffix("data: [DONE]\n\n"))
        // Special tokens in a message are text.
        let odd = try gateway.send(
            .post, "/v1/chat/completions",
            #"{"messages": [{"role": "user", "content": "<|end_of_text|>?"}], "imprag": {"k": 0}, "max_tokens": 4}"#)
        #expect(odd.status == 200, "\(odd.text)")
    }

    @Test("embeddings are those of imprag embed, bit for bit, as floats and in base64, for queries and passages")
    func embeddings() throws {
        let texts = ["Lima is the capital of Peru.", "é", String(repeating: "long ", count: 400)]
        let inputs = try texts.enumerated().map { place, text in
            String(
                decoding: try JSONSerialization.data(withJSONObject: ["id": String(place), "text": text]), as: UTF8.self
            )
        }
        for role in ["query", "passage"] {
            let local = try Imprag.run(
                ["embed", "--model", model, "--role", role], input: inputs.joined(separator: "\n"), seconds: 60)
            let expected = try local.output.split(separator: "\n").map { line in
                let row = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return try #require(row?["embedding"] as? [Double]).map { Float($0) }
            }
            #expect(expected.count == texts.count, "\(local.errors)")
            let body = try JSONSerialization.data(
                withJSONObject: ["input": texts, "input_type": role] as [String: Any])
            let floats = try gateway.send(.post, "/v1/embeddings", String(decoding: body, as: UTF8.self))
            for (place, vector) in expected.enumerated() {
                let found: [Double] = try floats.value("data", place, "embedding")
                #expect(found.map { Float($0) } == vector, "\(role) \(place)")
            }
            #expect(
                try floats.value("imprag", "cut") == (role == "passage" ? [2] : [Int]()), "\(floats.text.suffix(300))")
            // Of a passage, those that the model reads.
            #expect(try floats.value("usage", "prompt_tokens", as: Int.self) > (role == "query" ? 400 : 20))
            let single = try gateway.send(
                .post, "/v1/embeddings",
                #"{"input": "é", "input_type": "\#(role)", "encoding_format": "base64", "dimensions": \#(expected[0].count)}"#
            )
            let data = try #require(Data(base64Encoded: try single.value("data", 0, "embedding", as: String.self)))
            let bits = stride(from: 0, to: data.count, by: 4).map { place in
                (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[place + $1]) << (8 * $1) }
            }
            #expect(bits == expected[1].map(\.bitPattern))
        }
        try gateway.expectError(
            gateway.send(.post, "/v1/embeddings", #"{"input": "a", "dimensions": 3}"#), 400, "invalid_argument",
            param: "dimensions")
        try gateway.expectError(
            gateway.send(.post, "/v1/embeddings", #"{"input": ["a", " "]}"#), 400, "invalid_argument", says: "texts[1]")
        try gateway.expectError(
            gateway.send(.post, "/v1/embeddings", #"{"input": "a", "model": "other"}"#), 404, "not_found",
            param: "model")
    }

    @Test("collections are listed with their aliases, which models and requests know too")
    func collections() throws {
        let alone = try gateway.send(.get, "/v1/collections")
        #expect(try alone.value("data", as: [Any].self).count == 1 && alone.value("data", 0, "name") == "index")
        #expect(try alone.value("data", 0, "partitions") == 2 && alone.value("data", 0, "passages") == 300)
        #expect(try alone.value("data", 0, "epoch") == 0 && alone.value("data", 0, "ready") == true)
        let set = try Imprag.run(["alias", "set", directory.path, "wiki", "index"], seconds: 30)
        #expect(set.status == 0, "\(set.errors)")
        let end = Date(timeIntervalSinceNow: 10)
        while try gateway.send(.get, "/v1/collections/index").value("aliases", as: [String].self).isEmpty, Date() < end
        {
            Thread.sleep(forTimeInterval: 0.2)
        }
        let named = try gateway.send(.get, "/v1/collections/wiki")
        #expect(try named.value("name") == "index" && named.value("aliases") == ["wiki"], "\(named.text)")
        let embedded = try gateway.send(.post, "/v1/embeddings", #"{"input": "a", "model": "wiki"}"#)
        #expect(try embedded.value("imprag", "fingerprint") == named.value("fingerprint", as: String.self))
        #expect(
            try embedded.value("data", 0, "embedding", as: [Any].self).count == named.value("dimension", as: Int.self))
        let models: [[String: Any]] = try gateway.send(.get, "/v1/models").value("data")
        #expect(models.compactMap { $0["id"] as? String } == ["default", "index", "wiki"])
        #expect(try gateway.send(.get, "/v1/models/wiki").value("object") == "model")
        try gateway.expectError(gateway.send(.get, "/v1/collections/none"), 404, "not_found", param: "model")
        try gateway.expectError(gateway.send(.post, "/v1/collections"), 405, "invalid_argument", says: "GET")
        let upserted = try gateway.send(
            .post, "/v1/passages", #"{"passages": [{"id": "n", "text": "New."}], "wait": "found", "model": "wiki"}"#)
        let after = try gateway.send(.get, "/v1/collections/wiki")
        #expect(try after.value("passages") == 301 && after.value("epoch") == upserted.value("epoch", as: Int.self))
    }

    @Test("clients that leave while they wait for lists take nothing with them")
    func gone() throws {
        for path in ["/v1/models", "/v1/collections", "/v1/collections/index", "/v1/status"] {
            for _ in 0..<20 { try gateway.connection("GET", path, "").close() }
            #expect(try gateway.send(.get, path).status == 200, "\(path)")
        }
    }

    @Test("completions have the most probable tokens by their texts")
    func logprobs() throws {
        let answer = try gateway.send(
            .post, "/v1/completions", #"{"prompt": "Q: \#(Self.question) A:", "imprag": {"k": 1}, "logprobs": 4}"#)
        let tokens: [String] = try answer.value("choices", 0, "logprobs", "tokens")
        #expect(try tokens.joined() == answer.value("choices", 0, "text", as: String.self))
        let own: [Double] = try answer.value("choices", 0, "logprobs", "token_logprobs")
        let best: [[String: Double]] = try answer.value("choices", 0, "logprobs", "top_logprobs")
        #expect(best.count == tokens.count && best.allSatisfy { (3...4).contains($0.count) })
        for (place, token) in tokens.enumerated() {
            #expect(best[place][token] == own[place] && best[place].values.max() == own[place])
        }
        let without = try gateway.send(.post, "/v1/completions", #"{"prompt": "Q", "max_tokens": 2, "logprobs": 0}"#)
        #expect(without.text.contains("\"top_logprobs\":null"))
    }
}
