import Foundation
import TestSupport
import Testing

/// What meets assistants, shells and readers of manuals.
struct TerminalTests {
    private struct Reply: Decodable {
        struct Failure: Decodable { let code: Int }
        struct Result: Decodable {
            struct Content: Decodable { let text: String }
            let protocolVersion: String?
            let content: [Content]?
            let isError: Bool?
        }
        let id: Int?
        let error: Failure?
        let result: Result?
    }

    private static func talk(_ lines: [String], _ endpoint: String) throws -> [Reply] {
        let outcome = try Imprag.run(
            ["mcp", "--endpoint", endpoint, "--deadline", "2000"], input: lines.joined(separator: "\n"), seconds: 60)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try outcome.output.split(separator: "\n").map {
            try JSONDecoder().decode(Reply.self, from: Data($0.utf8))
        }
    }

    @Test("mcp negotiates a version and refuses what is wrong by JSON-RPC's codes")
    func protocolErrors() throws {
        let directory = try TemporaryDirectory()
        let replies = try Self.talk(
            [
                #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2024-11-05"}}"#,
                #"{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":"1999-01-01"}}"#,
                "no JSON", #"{"id":3,"method":"ping"}"#, #"{"jsonrpc":"2.0","id":4,"method":"tools/lost"}"#,
                #"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"search","arguments":{"query":1}}}"#,
                #"{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"search","arguments":{"query":"x"}}}"#,
                #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
            ], "ipc://" + directory.file("nobody"))
        #expect(replies.map(\.id) == [1, 2, nil, 3, 4, 5, 6])
        #expect(replies.map { $0.error?.code } == [nil, nil, -32700, -32600, -32601, -32602, nil])
        #expect(replies.prefix(2).map { $0.result?.protocolVersion } == ["2024-11-05", "2025-06-18"])
        // Nobody listens: the call fails, not the protocol.
        #expect(replies.last?.result?.isError == true)
    }

    @Test("an assistant searches and asks a cluster, and a person talks to it at a terminal")
    func cluster() throws {
        let directory = try TemporaryDirectory()
        let corpus = directory.file("corpus.jsonl")
        try String(contentsOfFile: SharedData.packageRoot + "/Examples/encyclopedia/passages.jsonl", encoding: .utf8)
            .split(separator: "\n").filter { $0.contains(#""id": "country-p"#) }.joined(separator: "\n")
            .write(toFile: corpus, atomically: true, encoding: .utf8)
        let index = directory.file("index")
        let indexed = try Imprag.run(
            ["index", "--model", CommandLineTests.model, "--corpus", corpus, "--out", index, "--partitions", "2"])
        try #require(indexed.status == 0, "\(indexed.errors)")
        let cluster = try RunningCluster(model: CommandLineTests.model, index: index, socket: directory.file("c"))
        let replies = try Self.talk(
            [
                #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search","arguments":{"query":"What is the capital of Peru?","k":3}}}"#,
                #"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"ask","arguments":{"prompt":"What is the capital of Peru?"}}}"#,
            ], cluster.endpoint)
        #expect(Set(replies.map(\.id)) == [1, 2])
        for reply in replies {
            #expect(reply.result?.isError == false)
            #expect(reply.result?.content?.first?.text.contains("country-pe") == true)
        }
        let script = """
            (sleep 1; echo 'What is the capital of Peru?'; sleep 3; printf '\\004'; sleep 1) |
            script -qec "'\(Imprag.path)' ask --endpoint '\(cluster.endpoint)'; echo status=\\$?" /dev/null
            """
        let talked = try RunningProcess("/bin/sh", ["-c", script]).wait(seconds: 30)
        #expect(talked.output.contains("country-pe") && talked.output.contains("status=0"), "\(talked.output)")
    }

    @Test("bash completes commands, options and choices from the tables")
    func completion() throws {
        let script = try Imprag.run(["completions", "bash"]).output
        let calls = """

            for words in "imprag as" "imprag bench ind" "imprag ask --words f" "imprag ask --max"; do
                COMP_WORDS=($words); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _imprag; echo "${COMPREPLY[*]}"
            done
            """
        let outcome = try RunningProcess("/bin/bash", ["-c", script + calls]).wait(seconds: 20)
        #expect(outcome.output == "ask\nindex\nfuse\n--max-tokens\n", "\(outcome.output) \(outcome.errors)")
    }

    @Test("the manual page has every command")
    func manual() throws {
        let page = try Imprag.run(["man"]).output
        #expect(page.hasPrefix(".TH IMPRAG 1"))
        for command in ["ask", "mcp", "bench index"] { #expect(page.contains("\n.SS imprag \(command)\n")) }
    }
}
