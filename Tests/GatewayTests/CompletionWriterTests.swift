import Client
import Core
import Foundation
import HTTPServer
import Testing
import Wire

@testable import Gateway

/// Answers in the shape that OpenAI's clients read.
struct CompletionWriterTests {
    private static let completeness = Completeness(
        shards: [ShardOutcome(name: "s", state: .answered, passagesSearched: 3)], passagesSearched: 3, passagesTotal: 3,
        isComplete: true)
    private static let sources = AskSources(
        passages: [ScoredPassage(passage: Passage(id: "a", title: "A", text: "x"), score: 2.5, rank: 0)],
        completeness: completeness)
    private static let done = AskDone(
        end: .length, passageAttention: [0.5], promptTokenCount: 4, generatedTokenCount: 3, timings: Timings(),
        completeness: completeness)
    /// A character of two tokens, and what a stop string held back, which belongs to no token.
    private static let tokens = [
        AnswerToken(text: "Li", token: 7, logprob: -0.5), AnswerToken(text: "", token: 8, logprob: -1),
        AnswerToken(text: "é", token: 9, logprob: -0.25),
    ]
    private static let events =
        [AskEvent.sources(sources)] + tokens.map(AskEvent.token)
        + [.token(AnswerToken(text: "!", token: nil, logprob: 0)), .done(done)]

    /// The lines of `events`, each without what differs from answer to answer.
    private func lines(_ body: String, isChat: Bool) throws -> [String] {
        var writer = CompletionWriter(try AnswerRequest(Array(body.utf8), isChat: isChat))
        let lines = Self.events.flatMap { writer.chunks($0) }.map(\.line)
        let kind = isChat ? "chat.completion.chunk" : "text_completion"
        for line in lines {
            #expect(line.hasPrefix(isChat ? #"{"id":"chatcmpl-"# : #"{"id":"cmpl-"#), "\(line)")
            #expect(line.contains("\"object\":\"\(kind)\",\"created\":"), "\(line)")
        }
        let heads = Set(lines.map { $0.prefix { $0 != "," } })
        #expect(heads.count == 1, "the chunks have several ids: \(heads)")
        return lines.map { line in
            line.range(of: #""model":"m","#).map { String(line[$0.upperBound...]) } ?? "no model: \(line)"
        }
    }

    private static let source = #"{"rank":1,"id":"a","title":"A","text":"x","score":2.5"#
    private static var own: String {
        "\"imprag\":{\"sources\":[\(source),\"attention\":0.5}],\"finish\":\"length\",\"complete\":true,\"completeness\":"
            + "\(json(completeness).line),\"timings_ms\":\(json(Timings()).line),"
            + "\"proposed_tokens\":0,\"accepted_tokens\":0}"
    }

    @Test("a chat's chunks: the role and the sources, texts, and the end with everything")
    func chat() throws {
        let body = #"{"model": "m", "messages": [{"role": "user", "content": "Q"}], "stream": true}"#
        func chunk(_ delta: String, _ finish: String = "null", _ own: String = "") -> String {
            #""choices":[{"index":0,"delta":\#(delta),"logprobs":null,"finish_reason":\#(finish)}]\#(own)}"#
        }
        #expect(
            try lines(body, isChat: true) == [
                chunk(
                    #"{"role":"assistant","content":""}"#, "null", ",\"imprag\":{\"sources\":[\(Self.source)}]}"),
                chunk(#"{"content":"Li"}"#), chunk(#"{"content":"é"}"#), chunk(#"{"content":"!"}"#),
                chunk("{}", "\"length\"", "," + Self.own),
            ])
    }

    @Test("a completion's chunks with each token's logprob, and the usage at the end")
    func completion() throws {
        let body =
            #"{"model":"m","prompt":"Q","stream":true,"logprobs":0,"stream_options":{"include_usage":true}}"#
        func chunk(_ text: String, _ logprobs: String, _ finish: String = "null", _ own: String = "") -> String {
            #""choices":[{"index":0,"text":"\#(text)","logprobs":\#(logprobs),"finish_reason":\#(finish)}],"#
                + #""usage":null\#(own)}"#
        }
        func logprobs(_ text: String, _ logprob: String, _ offset: Int) -> String {
            #"{"tokens":["\#(text)"],"token_logprobs":[\#(logprob)],"text_offset":[\#(offset)],"top_logprobs":null}"#
        }
        #expect(
            try lines(body, isChat: false) == [
                chunk("", "null", "null", ",\"imprag\":{\"sources\":[\(Self.source)}]}"),
                chunk("Li", logprobs("Li", "-0.5", 0)), chunk("", logprobs("", "-1.0", 2)),
                chunk("é", logprobs("é", "-0.25", 2)),
                chunk("!", #"{"tokens":[],"token_logprobs":[],"text_offset":[],"top_logprobs":null}"#),
                chunk("", "null", "\"length\"", "," + Self.own),
                #""choices":[],"usage":{"prompt_tokens":4,"completion_tokens":3,"total_tokens":7}}"#,
            ])
    }

    @Test("each chunk says which passages its token looked at, where that is asked for, and a whole answer all of it")
    func attention() throws {
        let body = #"{"prompt": "Q", "imprag": {"token_attention": true}}"#
        var writer = CompletionWriter(try AnswerRequest(Array(body.utf8), isChat: false))
        let tokens = Self.tokens.enumerated().map { place, token in
            AnswerToken(
                text: token.text, token: token.token, logprob: token.logprob,
                passageAttention: [Float(place) / 4, 0.5])
        }
        let rest = AnswerToken(text: "!", token: nil, logprob: 0)
        let chunks = (tokens + [rest]).flatMap { writer.chunks(.token($0)) }.map(\.line)
        let entries = [("Li", "0.0"), ("", "0.25"), ("é", "0.5")].map {
            "{\"token\":\"\($0)\",\"attention\":[\($1),0.5]}"
        }
        // The second one's text is yet to come, and what was held back belongs to none.
        #expect(chunks.count == 4)
        for (chunk, entry) in zip(chunks, entries) {
            #expect(chunk.hasSuffix(",\"imprag\":{\"tokens\":[\(entry)]}}"), "\(chunk)")
        }
        #expect(!chunks[3].contains("tokens"))
        let whole = writer.whole(Self.done).line
        #expect(
            whole.contains(",\"imprag\":{\"tokens\":[\(entries.joined(separator: ","))],\"sources\":"), "\(whole)")
    }

    @Test(
        "an answer that is no stream has all of it at once",
        arguments: [
            (
                #"{"prompt":"Q"}"#, false,
                #""object":"text_completion""#, #"{"index":0,"text":"Lié!","logprobs":null,"finish_reason":"length"}"#
            ),
            (
                #"{"prompt":"Q","logprobs":0}"#, false, #""object":"text_completion""#,
                #"{"index":0,"text":"Lié!","logprobs":{"tokens":["Li","","é"],"token_logprobs":[-0.5,-1.0,-0.25],"#
                    + #""text_offset":[0,2,2],"top_logprobs":null},"finish_reason":"length"}"#
            ),
            (
                #"{"messages":[{"role":"user","content":"Q"}]}"#, true, #""object":"chat.completion""#,
                #"{"index":0,"message":{"role":"assistant","content":"Lié!","refusal":null},"logprobs":null,"#
                    + #""finish_reason":"length"}"#
            ),
            (
                #"{"messages":[{"role":"user","content":"Q"}],"logprobs":true}"#, true, #""object":"chat.completion""#,
                #"{"index":0,"message":{"role":"assistant","content":"Lié!","refusal":null},"logprobs":{"content":["#
                    + #"{"token":"Li","logprob":-0.5,"bytes":[76,105],"top_logprobs":[]},"#
                    + #"{"token":"","logprob":-1.0,"bytes":[],"top_logprobs":[]},"#
                    + #"{"token":"é","logprob":-0.25,"bytes":[195,169],"top_logprobs":[]}],"refusal":null},"#
                    + #""finish_reason":"length"}"#
            ),
        ])
    func whole(body: String, isChat: Bool, object: String, choice: String) throws {
        var writer = CompletionWriter(try AnswerRequest(Array(body.utf8), isChat: isChat))
        for event in Self.events { _ = writer.chunks(event) }
        let line = writer.whole(Self.done).line
        #expect(line.contains(object) && line.contains(#""model":"default""#), "\(line)")
        let usage = #""usage":{"prompt_tokens":4,"completion_tokens":3,"total_tokens":7}"#
        #expect(line.hasSuffix("\"choices\":[\(choice)],\(usage),\(Self.own)}"), "\(line)")
    }

    /// Two halves of a character, each with what could have been in its place.
    private static let alternatives = [
        AnswerToken(
            text: "", token: 8, logprob: -1,
            alternatives: [
                TokenCandidate(token: 8, bytes: [0xC3], logprob: -1),
                TokenCandidate(token: 5, bytes: [0x61], logprob: -0.5),
                TokenCandidate(token: 8, bytes: [0xC3], logprob: -1),
                TokenCandidate(token: 6, bytes: [0x61], logprob: -4),
            ]),
        AnswerToken(
            text: "é", token: 9, logprob: -0.25,
            alternatives: [
                TokenCandidate(token: 9, bytes: [0xA9], logprob: -0.25),
                TokenCandidate(token: 9, bytes: [0xA9], logprob: -0.25),
            ]),
    ]

    @Test("alternatives come with their bytes, also of half a character, in both of OpenAI's shapes")
    func alternatives() throws {
        for (body, isChat, expected) in [
            (
                #"{"messages":[{"role":"user","content":"Q"}],"logprobs":true,"top_logprobs":3}"#, true,
                #""content":[{"token":"\\xc3","logprob":-1.0,"bytes":[195],"top_logprobs":["#
                    + #"{"token":"a","logprob":-0.5,"bytes":[97]},{"token":"\\xc3","logprob":-1.0,"bytes":[195]},"#
                    + #"{"token":"a","logprob":-4.0,"bytes":[97]}]},"#
                    + #"{"token":"\\xa9","logprob":-0.25,"bytes":[169],"top_logprobs":["#
                    + #"{"token":"\\xa9","logprob":-0.25,"bytes":[169]}]}]"#
            ),
            (
                #"{"prompt":"Q","logprobs":3}"#, false,
                #""tokens":["bytes:\\xc3","bytes:\\xa9"],"token_logprobs":[-1.0,-0.25],"text_offset":[0,0],"#
                    + #""top_logprobs":[{"a":-0.5,"bytes:\\xc3":-1.0},{"bytes:\\xa9":-0.25}]"#
            ),
        ] {
            var writer = CompletionWriter(try AnswerRequest(Array(body.utf8), isChat: isChat))
            for event in [.sources(Self.sources)] + Self.alternatives.map(AskEvent.token) + [.done(Self.done)] {
                _ = writer.chunks(event)
            }
            let line = writer.whole(Self.done).line
            #expect(line.contains(expected), "\(line)")
        }
    }

    @Test("an error has OpenAI's shape, and a status that says what to do")
    func failures() {
        let wrong = GatewayFailure.field("imprag.k", "no \"k\"")
        #expect(
            wrong.json.line
                == #"{"error":{"message":"no \"k\"","type":"invalid_request_error","param":"imprag.k","code":"invalid_argument"}}"#
        )
        for (code, status, type, wait) in [
            (.notFound, 404, "not_found_error", nil), (.failedPrecondition, 409, "invalid_request_error", nil),
            (.resourceExhausted, 429, "rate_limit_error", "1"), (.unavailable, 503, "server_error", "1"),
            (.deadlineExceeded, 504, "server_error", nil), (.dataLoss, 500, "server_error", nil),
            (.internal, 500, "server_error", nil), (.cancelled, 499, "server_error", nil),
            (.permissionDenied, 403, "permission_error", nil),
            (.unauthenticated, 401, "authentication_error", nil),
        ] as [(ErrorCode, Int, String, String?)] {
            let failure = GatewayFailure(ImpRAGError(code, "m"))
            #expect(failure.response.status == status && failure.response.headers["Retry-After"] == wait, "\(code)")
            #expect(failure.json.line.contains("\"type\":\"\(type)\",\"param\":null,\"code\":\"\(code.rawValue)\""))
        }
    }

    @Test("an answer that is refused at its end is not given, and comes with the reason and with its receipt")
    func refused() throws {
        let body = #"{"model": "m", "prompt": "Q", "imprag": {"abstain": true, "receipt": true, "k": 1}}"#
        let request = try AnswerRequest(Array(body.utf8), isChat: false)
        #expect(request.ask.abstains == true && request.wantsReceipt)
        var writer = CompletionWriter(request)
        for event in Self.events.dropLast() { _ = writer.chunks(event) }
        var done = Self.done
        done.abstention = Abstention(.unsupported, "too little")
        done.record = AskRecord(
            fingerprint: try #require(Fingerprint(bytes: Array(repeating: 1, count: 32))),
            coordinator: Arithmetic(build: "1", compute: "f32", kernels: "avx2"), k: 1, encoding: .segmented,
            sampling: SamplingOptions(maxTokens: 9))
        let whole = writer.whole(done).line
        #expect(whole.contains(#""choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"length"}]"#))
        #expect(whole.contains(#""abstained":{"reason":"unsupported","why":"too little"}"#))
        #expect(whole.contains(#""receipt":{"answer":{"abstained":{"reason":"unsupported""#))
        // The receipt has all that was generated: replay compares it.
        #expect(whole.contains(#""text":"Lié!","tokens":[7,8,9]"#))
        done.abstention = nil
        #expect(writer.whole(done).line.contains(#""text":"Lié!""#))
        #expect(!(try AnswerRequest(Array(#"{"prompt": "Q"}"#.utf8), isChat: false).wantsReceipt))
        #expect(try AnswerRequest(Array(#"{"prompt": "Q"}"#.utf8), isChat: false).ask.abstains == nil)
        #expect(throws: GatewayFailure.self) {
            try AnswerRequest(Array(#"{"prompt": "Q", "imprag": {"abstain": "yes"}}"#.utf8), isChat: false)
        }
    }
}
