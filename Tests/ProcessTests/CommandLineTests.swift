import Foundation
import TestSupport
import Testing

/// The binary as users meet it: help, mistakes, JSON lines.
struct CommandLineTests {
    static let model = SharedData.packageRoot + "/Models/encyclopedia-tiny"

    @Test("help lists every command, and every command has help with an example, within 120 columns")
    func help() throws {
        let overview = try Imprag.run(["--help"])
        #expect(overview.status == 0)
        let commands = overview.output.matches(of: #/(?m)^  ([a-z]+(?: [a-z]+)?)  /#).map { String($0.1) }
        #expect(commands.count > 30 && ["index", "up", "ask", "keys create", "shard"].allSatisfy(commands.contains))
        for command in commands {
            let help = try Imprag.run(command.split(separator: " ").map(String.init) + ["--help"])
            #expect(help.status == 0)
            #expect(help.output.contains("usage: imprag \(command)"))
            #expect(help.output.contains("example:"))
            // An example is one line, to be copied.
            let lines = (overview.output + (help.output.components(separatedBy: "example:").first ?? ""))
            #expect(lines.split(separator: "\n").allSatisfy { $0.count <= 120 }, "\(command): \(help.output)")
        }
    }

    @Test("help before a command's name, of one word or two, is that command's")
    func helpFirst() throws {
        for name in [["index"], ["keys", "create"]] {
            let right = try Imprag.run(name + ["--help"])
            for word in ["help", "--help"] {
                let outcome = try Imprag.run([word] + name)
                #expect(outcome.status == 0 && outcome.output == right.output)
            }
        }
    }

    @Test("store check tries a directory out, and leaves nothing in it")
    func store() throws {
        let directory = try TemporaryDirectory()
        let outcome = try Imprag.run(["store", "check", directory.file("store")])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count == 7 && lines.dropLast().allSatisfy { $0.hasPrefix("ok  ") })
        #expect(lines.last == "\(directory.file("store")) keeps what a collection needs")
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.file("store"))
        #expect(left.sorted() == [".lock", ".new"])
        try Data([1]).write(to: URL(filePath: directory.file("file")))
        let refused = try Imprag.run(["store", "check", directory.file("file")])
        #expect(refused.status == 1 && refused.errors.contains("cannot be a store"))
        #expect(refused.errors.hasSuffix("(Not a directory)\n"), "\(refused.errors)")
    }

    @Test(
        "a wrong command line exits with 2 and says what would be right",
        arguments: [
            (["idnex"], "did you mean index?"), (["help", "idnex"], "did you mean index?"), ([], "which command?"),
            (["embed", "--modle", "x"], "did you mean model?"),
            (["embed", "--model", "x"], "missing --role query|passage"),
            (["embed", "--model"], "--model needs a value"),
            (["embed", "--model", "x", "--role", "both"], "one of 'query', 'passage' is right"),
            (["score", "--model", "x", "--threads", "zero"], "--threads is 'zero'"),
            (["status", "now"], "'now' is not expected"),
            (["search", "p", "--recall", "2"], "--recall is '2'; a number from 0.5 to 0.999"),
            (["search", "p", "--probes", "0"], "--probes is '0'; a whole number from 1"),
            (
                ["ask", "p", "--filter", #"{"not":{"field":"a","equls":1}}"#],
                #"filter.not: there is no "equls"; did you"#
            ),
            (
                ["eval", "--questions", "q", "--model", "m", "--index", "i", "--exact"],
                "--exact is for a running cluster"
            ),
            (["eval"], "one of --questions, --kilt, --topics, --beir and --calibrate is right"),
            (
                ["eval", "--beir", "d", "--questions", "q"],
                "one of --questions, --kilt, --topics, --beir and --calibrate is right"
            ),
            (["eval", "--kilt", "f"], "--kilt needs --task"),
            (["eval", "--questions", "q", "--task", "nq"], "is about --kilt"),
            (["eval", "--kilt", "f", "--task", "eli5"], "'nq', 'hotpotqa'"),
            (["eval", "--beir", "d", "--predictions", "f"], "--predictions is about answers"),
            (["compare", "a", "b"], "--questions FILE, for answers, is right"),
            (["compare", "a", "b", "--questions", "q", "--metric", "map"], "one of 'em', 'f1' is right"),
            (["index", "--model", "m", "--corpus", "c", "--out", "o", "--raw"], "--raw is about --questions"),
            (["index", "--model", "m", "--shards", "2"], "there is no option --shards; did you mean partitions?"),
            (["index", "--model", "m", "--partition", "1/3"], "there is no option --partition; did you mean part?"),
            (["quantize", "--model", "m", "--out", "o", "--texts", "9"], "--texts is about --corpus"),
            (["quantize", "--model", "m", "--out", "o", "--raw"], "--raw is about --questions"),
            (["store", "check"], "one LOCATION is right"), (["store"], "'imprag store check' is right"),
            (["store", "check", "s3://b"], "s3://BUCKET/PREFIX is right"),
            (["upsert"], "missing --file FILE"), (["delete"], "either ids or --file FILE is right"),
            (["delete", "a", "--file", "f"], "either ids or --file FILE is right"),
            (["shard", "--config", "c", "--node", "s", "--zone", "b c"], "the zone \"b c\" must be 1 to 64 letters"),
            (["delete", "a", "--wait", "soon"], "'durable', 'found'"),
            (["upsert", "--file", "f", "--wait", "soon"], "'durable', 'found'"),
            (["search", "x", "--min-epoch", "-1"], "a whole number from 0"),
            (["up", "--model", "--index", "i"], "--model needs a value: DIR; --index is the next option"),
            (["index", "--model", "m", "--corpus", "--out=o"], "--corpus needs a value: FILE; --out is the next"),
            (["up", "--model", "", "--index", "i"], "--model is empty; DIR is right"),
            (
                ["up", "--model", "m", "--index", "i", "--endpoint", "7100"],
                "tcp://HOST:PORT nor ipc://PATH, as in tcp"
            ),
            (["ask", "x", "--endpoint", "tcp://127.0.0.1:7100,"], #"--endpoint: "" is neither"#),
            (["search", "x", "--endpoint", "http://127.0.0.1:7180"], "a gateway's address is for curl"),
        ] as [([String], String)])
    func mistakes(words: [String], message: String) throws {
        let outcome = try Imprag.run(words)
        #expect(outcome.status == 2)
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }

    @Test("a model directory that does not exist is a failure that names it")
    func missingModel() throws {
        let loading = [["embed", "--role", "query"], ["score"], ["generate"], ["up", "--index", "i"]]
        for command in [["tokenize"]] + loading {
            let outcome = try Imprag.run(command + ["--model", "/nowhere/model"])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("/nowhere/model"), "\(outcome.errors)")
            let names = outcome.errors.contains("there is no model in /nowhere/model: ")
            #expect(names || command == ["tokenize"], "\(outcome.errors)")
        }
    }

    @Test("a receipt that cannot be written is said before anything is asked, and one that is there stays")
    func receiptPlace() throws {
        let directory = try TemporaryDirectory()
        try Data("old".utf8).write(to: URL(filePath: directory.file("old.json")))
        // Nobody listens there: asking would be another failure.
        let ask = ["ask", "x", "--endpoint", "ipc://" + directory.file("nobody"), "--deadline", "100", "--receipt"]
        for (file, words) in [
            ("gone/r.json", "gone does not exist"), ("", "is a directory; name a file"),
            ("old.json", "no answer from coordinator"),
        ] {
            let outcome = try Imprag.run(ask + [directory.file(file)])
            #expect(outcome.status == 1 && outcome.errors.contains(words), "\(outcome.errors)")
        }
        #expect(try String(contentsOfFile: directory.file("old.json"), encoding: .utf8) == "old")
    }

    @Test("tokenize and tokenize --decode are inverse, line for line")
    func tokenize() throws {
        let texts = [
            "Q: What is the capital of Peru? A:", "naïve  café \u{1F469}\u{200D}\u{1F680}", "", "a\nb\t\"c\"\\",
        ]
        let lines = try texts.enumerated().map { index, text in
            String(decoding: try JSONEncoder().encode(TextRow(id: index, text: text)), as: UTF8.self)
        }
        let encoded = try Imprag.run(
            ["tokenize", "--model", Self.model, "--plain"], input: lines.joined(separator: "\n"))
        #expect(encoded.status == 0, "\(encoded.errors)")
        let decoded = try Imprag.run(["tokenize", "--model", Self.model, "--decode"], input: encoded.output)
        #expect(decoded.status == 0, "\(decoded.errors)")
        let rows = try decoded.output.split(separator: "\n").map {
            try JSONDecoder().decode(TextRow.self, from: Data($0.utf8))
        }
        #expect(rows.map(\.text) == texts)
        #expect(rows.map(\.id) == [0, 1, 2, 3])
    }

    @Test("a bad line of an upsert is named before anything is sent, in a file and in standard input")
    func badPassage() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("passages.jsonl")
        let lines = #"{"id":"a","text":"fine"}"# + "\n" + #"{"id":"b"}"# + "\n"
        try lines.write(toFile: path, atomically: true, encoding: .utf8)
        // Nobody listens there: what is sent would fail otherwise.
        let endpoint = "ipc://" + directory.file("nobody")
        let outcome = try Imprag.run(["upsert", "--file", path, "--endpoint", endpoint])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("\(path):2: "), "\(outcome.errors)")
        let piped = try Imprag.run(["upsert", "--file", "-", "--endpoint", endpoint], input: lines)
        #expect(piped.status == 1)
        #expect(piped.errors.contains("standard input:2: "), "\(piped.errors)")
    }

    @Test(
        "metadata and texts that cannot be taken are refused with file, line, field and what would be right",
        arguments: [
            (#"{"id":"b","text":""}"#, "the text is empty"), (#"{"id":"","text":"x"}"#, "the id is empty"),
            (#"{"id":"b","text":"x","metadata":["y"]}"#, #"the field "metadata" must be an object"#),
            (
                #"{"id":"b","text":"x","metadata":{"y":true}}"#,
                #""metadata.y": it must be a string, a finite number or"#
            ),
            (#"{"id":"b","text":"x","metadata":{"y":[1]}}"#, #""metadata.y": it must be a string, a finite number or"#),
            (#"{"id":"b","text":"x","metadata":{"":1}}"#, "a field's name has 0 bytes; 1 to 128 are allowed"),
        ])
    func badMetadata(line: String, message: String) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("passages.jsonl")
        try (#"{"id":"a","text":"fine"}"# + "\n" + line + "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let outcome = try Imprag.run(["upsert", "--file", path, "--endpoint", "ipc://" + directory.file("nobody")])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("\(path):2: ") && outcome.errors.contains(message), "\(outcome.errors)")
    }

    @Test("a bad input line stops the command and is named")
    func badLine() throws {
        let input = #"{"id":1,"text":"fine"}"# + "\n" + #"{"id":2}"# + "\n"
        let outcome = try Imprag.run(["tokenize", "--model", Self.model], input: input)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(#"standard input, line 2: the field "text" is missing"#), "\(outcome.errors)")
        #expect(outcome.output.split(separator: "\n").count == 1)
    }

    @Test("a line that is not UTF-8 stops the command: it is never repaired into another text")
    func invalidUTF8() throws {
        var input = Array(#"{"id":1,"text":"fine"}"#.utf8) + [10]
        input += Array(#"{"id":2,"text":"caf"#.utf8) + [0xE9] + Array(#""}"#.utf8)
        let outcome = try Imprag.run(["tokenize", "--model", Self.model], bytes: input)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("standard input, line 2: it is not UTF-8"), "\(outcome.errors)")
        #expect(outcome.output.split(separator: "\n").count == 1)
    }

    @Test("an empty prompt, and words that are not UTF-8, are refused before anything is asked")
    func badPrompts() throws {
        for prompt in ["", " "] {
            let outcome = try Imprag.run(["ask", prompt, "--endpoint", "ipc:///nonexistent/nobody"])
            #expect(outcome.status == 2 && outcome.errors.contains("the prompt is empty"), "\(outcome.errors)")
        }
        let piped = try Imprag.run(
            ["ask", "-", "--endpoint", "ipc:///nonexistent/nobody"], bytes: [0x63, 0x61, 0x66, 0xE9])
        #expect(piped.status == 1 && piped.errors.contains("its byte 4 begins no character"), "\(piped.errors)")
        let shell = try RunningProcess(
            "/bin/sh", ["-c", "'\(Imprag.path)' ask \"$(printf 'caf\\351')\""])
        let outcome = try shell.wait(seconds: 60)
        #expect(outcome.status == 2 && outcome.errors.contains("its byte 4 begins no character"), "\(outcome.errors)")
    }

    @Test("embed says how many passages the model does not read to their ends")
    func cutPassages() throws {
        let long = Array(repeating: "word", count: 500).joined(separator: " ")
        let outcome = try Imprag.run(
            ["embed", "--model", Self.model, "--role", "passage"],
            input: #"{"id":1,"text":"short"}"# + "\n" + #"{"id":2,"text":"\#(long)"}"# + "\n")
        #expect(outcome.status == 0 && outcome.errors.contains("1 of 2 passages has more tokens"), "\(outcome.errors)")
    }

    @Test("ids come back digit for digit, and what is wrong with a field is said in words")
    func fieldsOfLines() throws {
        let ids = ["1", "18446744073709551615", "12345678901234567890123", #""a\u0001""#]
        let input = ids.map { #"{"id":\#($0),"text":"x"}"# }.joined(separator: "\n")
        let outcome = try Imprag.run(["tokenize", "--model", Self.model], input: input)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let prefixes = outcome.output.split(separator: "\n").map { String($0.prefix { $0 != "," }) }
        #expect(prefixes == ids.map { #"{"id":\#($0)"# })
        for (line, words) in [
            (#"{"id":1,"ids":"x"}"#, #"the field "ids" must be a list"#), ("[]", "the line is not a JSON object"),
            (#"{"id":null,"ids":[]}"#, #""id""#), (#"{"id":1,"ids":[1.5]}"#, "a number does not fit its field"),
            ("{", "not valid JSON"),
        ] {
            let outcome = try Imprag.run(["tokenize", "--decode", "--model", Self.model], input: line)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(words), "\(line): \(outcome.errors)")
        }
    }

    @Test(
        "a command whose output cannot be written fails and says so",
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func fullDisk() throws {
        let commands = ["--version", "tokenize --model '\(Self.model)'", "embed --role query --model '\(Self.model)'"]
        for command in commands {
            let process = try RunningProcess(
                "/bin/sh", ["-c", "'\(Imprag.path)' \(command) >/dev/full"], input: Array(#"{"id":1,"text":"x"}"#.utf8))
            let outcome = try process.wait(seconds: 60)
            #expect(outcome.status == 1, "\(command)")
            #expect(outcome.errors.contains("standard output cannot be written"), "\(command): \(outcome.errors)")
        }
    }

    @Test("texts beyond the model's positions are refused at once, with their line, after the lines before it")
    func tooLong() throws {
        let long = String(repeating: "What is ", count: 20_000)
        let embedded = try Imprag.run(
            ["embed", "--model", Self.model, "--role", "query"],
            input: #"{"id":1,"text":"short"}"# + "\n" + #"{"id":2,"text":"\#(long)"}"# + "\n")
        #expect(embedded.status == 1)
        #expect(embedded.errors.contains("standard input, line 2:"), "\(embedded.errors)")
        #expect(embedded.output.split(separator: "\n").count == 1)
        let scored = try Imprag.run(
            ["score", "--model", Self.model], input: #"{"id":1,"prompt":"x","k":1,"completion":"\#(long)"}"# + "\n")
        #expect(scored.status == 1)
        #expect(scored.errors.contains("do not fit: the model has"), "\(scored.errors)")
    }

    @Test("embed, score and generate answer every line, in order")
    func offline() throws {
        let embedded = try Imprag.run(
            ["embed", "--model", Self.model, "--role", "passage"],
            input: #"{"id":"a","text":"The capital of Peru is Lima.","title":"Peru"}"# + "\n"
                + #"{"id":"b","text":"x"}"# + "\n")
        #expect(embedded.status == 0, "\(embedded.errors)")
        let vectors = try embedded.output.split(separator: "\n").map {
            try JSONDecoder().decode(EmbeddingRow.self, from: Data($0.utf8))
        }
        #expect(vectors.map(\.id) == ["a", "b"])
        #expect(Set(vectors.map(\.embedding.count)).count == 1)
        #expect(vectors.allSatisfy { $0.embedding.allSatisfy(\.isFinite) })

        let prompt =
            #"{"id":1,"prompt":"Q: What is the capital of Peru? A:","#
            + #""passages":[{"title":"Peru","text":"The capital of Peru is Lima."}]"#
        let scored = try Imprag.run(
            ["score", "--model", Self.model], input: prompt + #","completion":" Lima"}"# + "\n")
        #expect(scored.status == 0, "\(scored.errors)")
        let score = try JSONDecoder().decode(ScoreRow.self, from: Data(scored.output.utf8))
        #expect(score.tokens.count == score.logprobs.count && !score.tokens.isEmpty)
        #expect(score.logprobs.allSatisfy { $0 <= 0 })
        #expect(score.passageAttention.count == 1)

        let generated = try Imprag.run(
            ["generate", "--model", Self.model], input: prompt + #","max_tokens":4}"# + "\n")
        #expect(generated.status == 0, "\(generated.errors)")
        let answer = try JSONDecoder().decode(GeneratedRow.self, from: Data(generated.output.utf8))
        #expect(answer.tokens.count <= 4)

        let tooMany = try Imprag.run(["generate", "--model", Self.model], input: prompt + #","k":0}"# + "\n")
        #expect(tooMany.status == 1)
        #expect(tooMany.errors.contains("line 1") && tooMany.errors.contains("k = 0"), "\(tooMany.errors)")
    }
}

private struct TextRow: Codable {
    let id: Int
    let text: String
}

private struct EmbeddingRow: Decodable {
    let id: String
    let embedding: [Float]
}

private struct ScoreRow: Decodable {
    let tokens: [Int32]
    let logprobs: [Float]
    let passageAttention: [Float]

    enum CodingKeys: String, CodingKey {
        case tokens, logprobs
        case passageAttention = "passage_attention"
    }
}

private struct GeneratedRow: Decodable {
    let text: String
    let tokens: [Int32]
}
