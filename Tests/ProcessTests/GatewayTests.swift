import Foundation
import HTTP
import TestSupport
import Testing

/// A local cluster's gateway, as programs and browsers meet it.
@Suite(.serialized)
struct GatewayTests {
    private static let prompt = "Q: What is the capital of Peru? A:"
    private let directory: TemporaryDirectory
    private let cluster: RunningCluster
    private let gateway: HTTPGateway

    init() throws {
        directory = try TemporaryDirectory()
        cluster = try RunningCluster(
            model: LiveUpdateTests.model, index: LiveUpdateTests.makeIndex(directory), socket: directory.file("c"),
            ["--http", "127.0.0.1:*"])
        gateway = try HTTPGateway(saidIn: cluster.process.standardError)
    }

    /// The data of the server-sent events of `text`.
    private static func events(_ text: String) throws -> [HTTPGateway.Answer] {
        try text.components(separatedBy: "\n\n").filter { !$0.isEmpty && !$0.hasPrefix(":") }.map { event in
            try #require(event.hasPrefix("data: "), "\(event)")
            return HTTPGateway.Answer(status: 200, headers: [:], text: String(event.dropFirst("data: ".count)))
        }
    }

    @Test("a completion comes whole or as a stream, with the same text, its sources and where the time went")
    func completion() throws {
        let whole = try gateway.send(
            .post, "/v1/completions", #"{"prompt": "\#(Self.prompt)", "imprag": {"k": 1}, "logprobs": 0}"#)
        #expect(whole.status == 200 && whole.headers["content-type"] == "application/json", "\(whole.text)")
        let text: String = try whole.value("choices", 0, "text")
        #expect(text.contains("Lima"), "\(whole.text)")
        #expect(try whole.value("choices", 0, "finish_reason") == "stop")
        #expect(try whole.value("object") == "text_completion" && whole.value("model") == "default")
        #expect(try whole.value("imprag", "sources", as: [Any].self).count == 1)
        #expect(try whole.value("imprag", "sources", 0, "id") == "country-pe")
        #expect(try whole.value("imprag", "complete") == true)
        #expect(try whole.value("imprag", "timings_ms", "total", as: Double.self) > 0)
        let tokens: [String] = try whole.value("choices", 0, "logprobs", "tokens")
        #expect(tokens.joined() == text)
        #expect(try whole.value("usage", "completion_tokens", as: Int.self) >= tokens.count)

        let body = #"{"prompt": "\#(Self.prompt)", "imprag": {"k": 1}, "stream": true, "#
        let stream = try gateway.send(
            .post, "/v1/completions", body + #""stream_options": {"include_usage": true}}"#)
        #expect(stream.status == 200 && stream.headers["content-type"] == "text/event-stream; charset=utf-8")
        var events = try Self.events(stream.text)
        #expect(events.last?.text == "[DONE]")
        let usage = try #require(events.dropLast().last)
        events.removeLast(2)
        #expect(try usage.value("choices", as: [Any].self).isEmpty)
        #expect(try usage.value("usage", "total_tokens") == whole.value("usage", "total_tokens", as: Int.self))
        let first = try #require(events.first)
        #expect(
            try first.value("imprag", "sources", 0, "id") == "country-pe" && first.value("choices", 0, "text") == "")
        let last = try #require(events.last)
        #expect(try last.value("choices", 0, "finish_reason") == "stop")
        #expect(try last.value("imprag", "sources", 0, "attention", as: Double.self) > 0)
        #expect(try last.value("imprag", "timings_ms", "first_token", as: Double.self) > 0)
        #expect(try events.map { try $0.value("choices", 0, "text", as: String.self) }.joined() == text)
        #expect(try Set(events.map { try $0.value("id", as: String.self) }).count == 1)
    }

    @Test("a chat with a model that has no chat template is the prompt of its task template, streamed or not")
    func chat() throws {
        let turns =
            #"{"role": "user", "content": "What is the capital of Chile?"}, {"role": "assistant", "content": "Santiago"},"#
        for (earlier, prompt) in [("", ""), (turns, "Q: What is the capital of Chile? A: Santiago\\n")] {
            let options = #""imprag": {"k": 1}, "max_tokens": 8"#
            let expected = try gateway.send(
                .post, "/v1/completions", #"{"prompt": "\#(prompt)Q: What is the capital of Peru? A:", \#(options)}"#)
            let body =
                #"{"messages": [\#(earlier) {"role": "user", "content": "What is the capital of Peru?"}], \#(options)"#
            let answer = try gateway.send(.post, "/v1/chat/completions", body + "}")
            let text: String = try answer.value("choices", 0, "message", "content")
            #expect(try text == expected.value("choices", 0, "text"), "\(answer.text)")
            #expect(
                try answer.value("usage", "prompt_tokens") == expected.value("usage", "prompt_tokens", as: Int.self))
            let stream = try gateway.send(.post, "/v1/chat/completions", body + #", "stream": true}"#)
            let deltas = try Self.events(stream.text).filter { $0.text.contains(#""content":"#) }.map {
                try $0.value("choices", 0, "delta", "content", as: String.self)
            }
            #expect(deltas.joined() == text, "\(stream.text)")
        }
    }

    @Test("what is put in is found, and what is deleted is not; models and nodes are listed")
    func updates() throws {
        let search = #"{"query": "Zwolle?", "k": 3, "words": "only"}"#
        let before = try gateway.send(.post, "/v1/search", search)
        #expect(try before.status == 200 && before.value("data", as: [Any].self).isEmpty, "\(before.text)")
        let passage = #"{"id": "new/ü", "title": "Zwolle", "text": "A city.", "metadata": {"lang": "nl"}}"#
        let upserted = try gateway.send(.post, "/v1/passages", #"{"passages": [\#(passage)], "wait": "found"}"#)
        #expect(try upserted.value("inserted") == 1 && upserted.value("epoch") == 1, "\(upserted.text)")
        let found = try gateway.send(.post, "/v1/search", search)
        #expect(try found.value("data", 0, "id") == "new/ü" && found.value("data", 0, "rank") == 1, "\(found.text)")
        #expect(try found.value("data", 0, "metadata", "lang") == "nl" && found.value("complete") == true)
        let filtered = try gateway.send(
            .post, "/v1/search", #"{"query": "capital", "filter": {"field": "lang", "equals": "nl"}, "exact": true}"#)
        #expect(try filtered.value("data", as: [Any].self).count == 1, "\(filtered.text)")
        let deleted = try gateway.send(.delete, "/v1/passages/new%2F%C3%BC")
        #expect(try deleted.status == 200 && deleted.value("epoch") == 2, "\(deleted.text)")
        let again = try gateway.delete(#"{"ids": ["new/ü"], "wait": "found"}"#)
        #expect(try again.value("deleted") == 0 && again.value("ids") == 1, "\(again.text)")
        let after = try gateway.send(.post, "/v1/search", search)
        #expect(try after.value("data", as: [Any].self).isEmpty, "\(after.text)")

        let models = try gateway.send(.get, "/v1/models")
        #expect(try models.value("data", 0, "id") == "default", "\(models.text)")
        #expect(try gateway.send(.get, "/v1/models/default").value("object") == "model")
        try gateway.expectError(gateway.send(.get, "/v1/models/other"), 404, "not_found", param: "model")
        let status = try gateway.send(.get, "/v1/status")
        #expect(try status.value("nodes", as: [Any].self).count == 4, "\(status.text)")
        #expect(try gateway.send(.get, "/healthz").text == "ok\n")
        #expect(try gateway.send(.get, "/readyz").status == 200)
    }

    @Test("a wrong request is refused with the field that is wrong, and so is a page of another server")
    func refused() throws {
        for (path, body, param) in [
            ("/v1/completions", "{", nil), ("/v1/completions", #"{"prompt": "Q", "tools": []}"#, "tools"),
            ("/v1/completions", #"{"prompt": "Q", "imprag": {"k": -1}}"#, "imprag.k"),
            ("/v1/chat/completions", #"{"messages": [{"role": "robot", "content": "a"}]}"#, "messages[0].role"),
            ("/v1/search", #"{"query": "Q", "recall": 7}"#, "recall"),
            ("/v1/passages", #"{"passages": [{"id": "a"}]}"#, "passages[0].text"),
        ] {
            try gateway.expectError(gateway.send(.post, path, body), 400, "invalid_argument", param: param)
        }
        // What only the coordinator can tell.
        let long = String(repeating: "word ", count: 5000)
        try gateway.expectError(
            gateway.send(.post, "/v1/completions", #"{"prompt": "\#(long)"}"#), 400, "invalid_argument")
        try gateway.expectError(
            gateway.send(.post, "/v1/completions", #"{"prompt": "Q", "model": "other"}"#), 404, "not_found",
            param: "model")
        try gateway.expectError(gateway.send(.get, "/v2"), 404, "not_found")
        try gateway.expectError(gateway.send(.get, "/v1/completions"), 405, "invalid_argument", says: "POST")

        let own = "http://127.0.0.1:\(gateway.port)"
        for (headers, isLetIn) in [
            (["Origin": own], true), (["Origin": "http://evil.example"], false), (["Origin": "null"], false),
            // The name was made to mean this machine after the page had come.
            (["Host": "evil.example", "Origin": "http://evil.example"], false), (["Host": "evil.example"], false),
            (["Host": "localhost:\(gateway.port)"], true),
        ] {
            let answer = try gateway.send(.get, "/v1/models", headers: headers)
            #expect((answer.status == 200) == isLetIn, "\(headers)")
            if !isLetIn { try gateway.expectError(answer, 403, "permission_denied") }
        }
    }

    @Test("the page comes with its rules for browsers, and not twice")
    func page() throws {
        let page = try gateway.send(.get, "/")
        #expect(page.status == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
        #expect(page.headers["x-content-type-options"] == "nosniff")
        let tag = try #require(page.headers["etag"])
        let same = try gateway.send(.get, "/", headers: ["If-None-Match": tag])
        #expect(same.status == 304 && same.text.isEmpty)
        #expect(try gateway.send(.get, "/", headers: ["If-None-Match": "\"other\""]).status == 200)
        #expect(try gateway.send(.get, "/page/page.js").headers["content-type"] == "text/javascript; charset=utf-8")
    }

    /// A sum over the nodes of a figure of their answers.
    private func generation(_ figure: String) throws -> Int {
        let nodes: [[String: Any]] = try gateway.send(.get, "/v1/status").value("nodes")
        return nodes.compactMap { ($0["generation"] as? [String: Any])?[figure] as? Int }.reduce(0, +)
    }

    @Test("the answer of a client that goes away is not gone on with, streamed or not")
    func gone() throws {
        // Which the model goes on with until it is stopped.
        let limit = 2000
        for stream in ["true", "false"] {
            let before = try generation("tokens")
            let connection = try gateway.connection(
                "POST", "/v1/completions",
                #"""
                {"prompt": "((((((((((", "max_tokens": \#(limit), "stream": \#(stream), "imprag": {"k": 1}}
                """#)
            if stream == "true" { _ = connection.read(until: "finish_reason") }
            let patience = Date(timeIntervalSinceNow: 10)
            while try generation("active") == 0, Date() < patience {}
            #expect(try generation("active") == 1)
            connection.close()
            let end = Date(timeIntervalSinceNow: 1)
            while try generation("active") > 0, Date() < end {}
            #expect(try generation("active") == 0, "stream: \(stream)")
            #expect(
                try generation("tokens") - before < limit, "the answer was made to its end, and the test shows nothing")
        }
        #expect(try gateway.send(.post, "/v1/completions", #"{"prompt": "\#(Self.prompt)"}"#).status == 200)
    }

    @Test("where other machines reach it, it wants keys; where another listens, it says so")
    func listening() throws {
        let open = try Imprag.run(["gateway", "--listen", "0.0.0.0:7181"], seconds: 30)
        #expect(open.status == 2 && open.errors.contains("--keys FILE"), "\(open.errors)")
        let plain = try Imprag.run(["gateway", "--listen", "0.0.0.0:7181", "--keys", "k"], seconds: 30)
        #expect(plain.status == 2 && plain.errors.contains("--insecure-http"), "\(plain.errors)")
        let half = try Imprag.run(["gateway", "--tls-cert", "c"], seconds: 30)
        #expect(half.status == 2 && half.errors.contains("--tls-cert and --tls-key go together"), "\(half.errors)")
        let star = try Imprag.run(["gateway", "--cors", "*", "--listen", "127.0.0.1:*"], seconds: 30)
        #expect(star.status != 0 && star.errors.contains("name the origin of each"), "\(star.errors)")
        let up = try Imprag.run(
            ["up", "--model", "m", "--index", directory.file("index"), "--http", "0.0.0.0:7181"], seconds: 30)
        #expect(up.status == 2 && up.errors.contains("imprag gateway --keys FILE"), "\(up.errors)")
        let keyed = try Imprag.run(
            [
                "up", "--model", "m", "--index", directory.file("index"), "--http", "127.0.0.1:7181", "--keys", "k",
                "--key", "n",
            ], seconds: 30)
        #expect(keyed.status == 2 && keyed.errors.contains("--gateway-key FILE"), "\(keyed.errors)")
        let taken = try Imprag.run(
            ["gateway", "--endpoint", cluster.endpoint, "--listen", "127.0.0.1:\(gateway.port)"], seconds: 30)
        #expect(taken.status == 1 && taken.errors.contains("nobody can listen for HTTP"), "\(taken.errors)")
        for text in ["localhost", "ipc://x", "127.0.0.1:0"] {
            let wrong = try Imprag.run(["gateway", "--listen", text], seconds: 30)
            #expect(wrong.status == 2 && wrong.errors.contains("--listen is \"\(text)\""), "\(wrong.errors)")
        }
    }
}
