import Foundation
import HTTP
import TestSupport
import Testing

/// A gateway whose clients have keys, while those are made and revoked.
@Suite(.serialized)
struct GatewayKeyTests {
    private let directory: TemporaryDirectory
    private let cluster: RunningCluster

    init() throws {
        directory = try TemporaryDirectory()
        cluster = try RunningCluster(
            model: LiveUpdateTests.model, index: LiveUpdateTests.makeIndex(directory), socket: directory.file("c"))
    }

    private var list: [String] { ["--keys", directory.file("keys.json")] }

    /// Makes a key and returns the header that shows it.
    private func create(_ name: String, _ role: String, _ more: [String] = []) throws -> String {
        let made = try Imprag.run(["keys", "create", name, "--role", role, "--bearer"] + list + more)
        try #require(made.status == 0 && made.output.hasPrefix("imprag_"), "\(made.errors)")
        #expect(made.errors.contains("It is not shown again"))
        return "Bearer " + made.output.split(separator: "\n")[0]
    }

    private func start(_ more: [String] = []) throws -> (process: RunningProcess, gateway: HTTPGateway) {
        let process = try RunningProcess(
            Imprag.path, ["gateway", "--endpoint", cluster.endpoint, "--listen", "127.0.0.1:*"] + list + more)
        try #require(process.waits(seconds: 30) { $0.standardOutput.contains("ready: ") }, "\(process.standardError)")
        return (process, try HTTPGateway(saidIn: process.standardOutput))
    }

    private func stop(_ process: RunningProcess, secrets: [String]) throws {
        process.kill(SIGTERM)
        let ended = try process.wait(seconds: 10)
        #expect(ended.status == 0, "\(ended.errors)")
        for secret in secrets { #expect(!ended.errors.contains(secret.dropFirst("Bearer ".count))) }
    }

    @Test("a gateway with keys lets in their holders, each to what its role says, and any name of its own")
    func roles() throws {
        let (read, write) = (try create("page", "read"), try create("loader", "write"))
        let (process, gateway) = try start()
        let deletion = #"{"ids": ["nobody"], "wait": "found"}"#
        let missing = try gateway.send(.get, "/v1/models")
        try gateway.expectError(missing, 401, "unauthenticated")
        #expect(missing.headers["www-authenticate"] == "Bearer")
        for wrong in [read + "0", "Basic \(read)"] {
            try gateway.expectError(
                gateway.send(.get, "/v1/status", headers: ["Authorization": wrong]), 401, "unauthenticated")
        }
        let named = ["Authorization": read, "Host": "rag.example", "Origin": "https://rag.example"]
        #expect(try gateway.send(.get, "/v1/models", headers: named).status == 200)
        let refused = try gateway.delete(deletion, headers: "Authorization: \(read)\r\n")
        try gateway.expectError(refused, 403, "permission_denied", says: "write")
        let taken = try gateway.delete(deletion, headers: "Authorization: \(write)\r\n")
        #expect(taken.status == 200, "\(taken.text)")
        #expect(try gateway.send(.get, "/healthz").status == 200)
        let list = try String(contentsOfFile: directory.file("keys.json"), encoding: .utf8)
        #expect(!list.contains(read.dropFirst("Bearer ".count)))
        try stop(process, secrets: [read, write])
    }

    @Test("keys that are made are let in, and a revoked one's streams end, without a restart")
    func followed() throws {
        let first = try create("first", "read")
        let (process, gateway) = try start()
        let second = try create("second", "read")
        let patience = Date(timeIntervalSinceNow: 5)
        while try gateway.send(.get, "/v1/models", headers: ["Authorization": second]).status != 200, Date() < patience
        {}
        #expect(try gateway.send(.get, "/v1/models", headers: ["Authorization": second]).status == 200)
        // Which the model goes on with until it is stopped.
        let stream = try gateway.connection(
            "POST", "/v1/completions",
            #"{"prompt": "((((((((((", "max_tokens": 2000, "stream": true, "imprag": {"k": 1, "timeout_ms": 60000}}"#,
            headers: "Authorization: \(second)\r\n")
        _ = stream.read(until: "finish_reason")
        #expect(try Imprag.run(["keys", "revoke", "second"] + list).status == 0)
        let rest = stream.read(until: "0\r\n\r\n")
        #expect(
            rest.contains("the key \\\"second\\\" has been revoked") && rest.hasSuffix("0\r\n\r\n"),
            "\(rest.suffix(300))")
        try gateway.expectError(
            gateway.send(.get, "/v1/models", headers: ["Authorization": second]), 401, "unauthenticated")
        #expect(try gateway.send(.get, "/v1/models", headers: ["Authorization": first]).status == 200)
        let listed = try Imprag.run(["keys", "list"] + list).output
        #expect(listed.contains("first") && !listed.contains("second"), "\(listed)")
        try stop(process, secrets: [first, second])
    }

    @Test("a key with limits is refused beyond them, with when to come again, and what is left is said in every answer")
    func limits() throws {
        let limited = try create("small", "read", ["--requests-per-minute", "4", "--tokens-per-minute", "20"])
        let other = try create("other", "read")
        let (process, gateway) = try start()
        let headers = ["Authorization": limited]
        let body = #"{"prompt": "Q: What is the capital of Peru? A:", "imprag": {"k": 1}}"#
        let answer = try gateway.send(.post, "/v1/completions", body, headers: headers)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.headers["x-ratelimit-limit-requests"] == "4")
        #expect(answer.headers["x-ratelimit-remaining-requests"] == "3")
        #expect(answer.headers["x-ratelimit-limit-tokens"] == "20")
        let used: Int = try answer.value("usage", "total_tokens")
        var left = 20 - used
        while left > 0 {
            left -= try gateway.send(.post, "/v1/completions", body, headers: headers).value("usage", "total_tokens")
        }
        let refused = try gateway.send(.post, "/v1/completions", body, headers: headers)
        try gateway.expectError(refused, 429, "resource_exhausted", says: "a minute")
        #expect(Int(refused.headers["retry-after"] ?? "").map { $0 > 0 } == true, "\(refused.headers)")
        var statuses: [Int] = []
        for _ in 0..<5 { statuses.append(try gateway.send(.get, "/v1/models", headers: headers).status) }
        #expect(statuses.last == 429, "\(statuses)")
        #expect(try gateway.send(.get, "/v1/models", headers: ["Authorization": other]).status == 200)
        try stop(process, secrets: [limited, other])
    }

    @Test("embeddings cost their texts' tokens")
    func embeddings() throws {
        let key = try create("store", "read", ["--tokens-per-minute", "30"])
        let (process, gateway) = try start()
        let headers = ["Authorization": key]
        let body = #"{"input": ["Which river flows through Lima, the capital of Peru?"]}"#
        var used = 0
        while used < 30 {
            let answer = try gateway.send(.post, "/v1/embeddings", body, headers: headers)
            try #require(answer.status == 200, "\(answer.text)")
            used += try answer.value("usage", "total_tokens")
        }
        let refused = try gateway.send(.post, "/v1/embeddings", body, headers: headers)
        try gateway.expectError(refused, 429, "resource_exhausted", says: "tokens a minute")
        #expect(try gateway.send(.post, "/v1/search", #"{"query": "Lima"}"#, headers: headers).status == 200)
        try stop(process, secrets: [key])
    }

    @Test("SIGHUP lets a gateway read its files at once and ends nothing, there or in a node")
    func hangup() throws {
        let first = try create("first", "read")
        let (process, gateway) = try start()
        let stream = try gateway.connection(
            "POST", "/v1/completions",
            #"{"prompt": "((((((((((", "max_tokens": 2000, "stream": true, "imprag": {"k": 1, "timeout_ms": 60000}}"#,
            headers: "Authorization: \(first)\r\n")
        _ = stream.read(until: "finish_reason")
        let second = try create("second", "read")
        process.kill(SIGHUP)
        try #require(process.waits(seconds: 10) { $0.standardError.contains("SIGHUP") })
        #expect(try gateway.send(.get, "/v1/models", headers: ["Authorization": second]).status == 200)
        let nodes = try cluster.children("imprag")
        for node in nodes { kill(node, SIGHUP) }
        try #require(
            cluster.process.waits(seconds: 10) {
                $0.standardError.components(separatedBy: "SIGHUP changes nothing").count > nodes.count
            }, "\(cluster.process.standardError)")
        #expect(stream.read(until: "finish_reason").contains("finish_reason"))
        stream.close()
        #expect(try gateway.send(.get, "/readyz").status == 200)
        try stop(process, secrets: [first, second])
    }

    @Test("a page of a server that is named may ask, after asking whether; no other page may")
    func pages() throws {
        let key = try create("page", "read")
        let (process, gateway) = try start(["--cors", "https://app.example.com"])
        for (origin, status) in [("https://app.example.com", 200), ("https://evil.example", 403)] {
            let asked = try gateway.connection(
                "OPTIONS", "/v1/models", "", headers: "Origin: \(origin)\r\nAccess-Control-Request-Method: GET\r\n")
            let head = asked.read(until: "\r\n\r\n")
            #expect(head.hasPrefix(status == 200 ? "HTTP/1.1 204" : "HTTP/1.1 403"), "\(head)")
            #expect(head.contains("Access-Control-Allow-Origin: \(origin)") == (status == 200), "\(head)")
            let answer = try gateway.send(.get, "/v1/models", headers: ["Authorization": key, "Origin": origin])
            #expect(answer.status == status)
            #expect((answer.headers["access-control-allow-origin"] == origin) == (status == 200))
        }
        try stop(process, secrets: [key])
    }
}
