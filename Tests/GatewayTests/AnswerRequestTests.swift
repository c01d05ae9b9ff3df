import Core
import Testing
import Wire

@testable import Gateway

/// What requests for answers may have, and what comes of it.
struct AnswerRequestTests {
    private func read(_ body: String, isChat: Bool = false) throws(GatewayFailure) -> AnswerRequest {
        try AnswerRequest(Array(body.utf8), isChat: isChat)
    }

    @Test("a prompt alone is a request, with the model's own settings")
    func prompt() throws {
        let request = try read(#"{"prompt": "Q"}"#)
        #expect(request.ask == AskRequest(prompt: "Q"))
        #expect(try read(#"{"prompt": ["Q"]}"#).ask == request.ask)
        #expect(request.model.isEmpty && request.milliseconds == 30_000)
        #expect(!request.isStream && !request.includesUsage && !request.hasLogprobs)
    }

    @Test("every field of a completion arrives")
    func completion() throws {
        let request = try read(
            #"""
            {"model": "wiki", "prompt": "Q", "max_tokens": 7, "temperature": 1, "top_p": 0.5, "seed": -1,
             "stop": ["a", "b"], "n": 1, "best_of": 1, "echo": false, "stream": true, "user": "u",
             "stream_options": {"include_usage": true}, "logprobs": 0, "presence_penalty": 0, "frequency_penalty": 0.0,
             "logit_bias": {}, "suffix": null,
             "imprag": {"k": 3, "filter": {"field": "lang", "equals": "en"}, "recall": 0.9, "exact": true,
                        "words": "fuse", "encoding": "segmented", "completeness": "partial", "min_epoch": 4,
                        "timeout_ms": 500, "speculate": false, "token_attention": true}}
            """#)
        let options = SearchOptions(
            isExact: true, recall: 0.9, filter: .equals(field: "lang", .string("en")), minEpoch: 4)
        let sampling = SamplingOptions(
            temperature: 1, topP: 0.5, seed: .max, stop: ["a", "b"], maxTokens: 7, topLogprobs: 0)
        #expect(
            request.ask
                == AskRequest(
                    prompt: "Q", k: 3, encoding: .segmented, sampling: sampling, completeness: .partial,
                    options: options,
                    words: WordsOptions(mode: .fuse), speculates: false, measuresTokens: true))
        #expect(request.model == "wiki" && request.milliseconds == 500)
        #expect(request.isStream && request.includesUsage && request.hasLogprobs)
    }

    @Test("a chat's messages arrive: texts and lists of texts, a developer's as the system's")
    func chat() throws {
        let request = try read(
            #"""
            {"messages": [{"role": "developer", "content": "Be short."},
                          {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
                          {"role": "assistant", "content": ""}],
             "max_completion_tokens": 9, "stop": "x", "logprobs": true, "top_logprobs": 0,
             "response_format": {"type": "text"}, "store": false, "metadata": {}, "modalities": ["text"],
             "service_tier": "auto", "safety_identifier": "s", "prompt_cache_key": "c", "stream": true,
             "stream_options": {"include_obfuscation": false}}
            """#, isChat: true)
        let messages = [("system", "Be short."), ("user", "ab"), ("assistant", "")].map(ChatMessage.init)
        let sampling = SamplingOptions(stop: ["x"], maxTokens: 9, topLogprobs: 0)
        #expect(request.ask == AskRequest(prompt: "", sampling: sampling, messages: messages))
        #expect(request.hasLogprobs && request.isChat)
    }

    @Test(
        "as many alternatives are asked for as OpenAI's clients may want",
        arguments: [
            (#""logprobs": 5"#, false, 5), (#""logprobs": false"#, false, nil), (#""logprobs": null"#, false, nil),
            (#""logprobs": true, "top_logprobs": 20"#, true, 20), (#""logprobs": true"#, true, 0),
            (#""logprobs": false, "top_logprobs": 0"#, true, nil), (#""top_logprobs": null"#, true, nil),
        ] as [(String, Bool, Int?)])
    func alternatives(fields: String, isChat: Bool, count: Int?) throws {
        let subject = isChat ? #""messages": [{"role": "user", "content": "Q"}]"# : #""prompt": "Q""#
        let request = try read("{\(subject), \(fields)}", isChat: isChat)
        #expect(request.ask.sampling.topLogprobs == count && request.hasLogprobs == (count != nil))
    }

    @Test("8.0 is a whole number, as JSON Schema has it")
    func whole() throws {
        let request = try read(#"{"prompt": "Q", "max_tokens": 8.0, "imprag": {"timeout_ms": 1e3}}"#, isChat: false)
        #expect(request.ask.sampling.maxTokens == 8 && request.milliseconds == 1000)
    }

    /// Fields that are refused beside a prompt or messages, by the name that the error has.
    private static let wrong: [(fields: String, param: String)] = [
        (#""max_tokens": 0"#, "max_tokens"), (#""max_tokens": 1.5"#, "max_tokens"),
        (#""max_tokens": "1""#, "max_tokens"),
        (#""temperature": 2.1"#, "temperature"), (#""temperature": -1"#, "temperature"), (#""top_p": 1.1"#, "top_p"),
        (#""seed": "1""#, "seed"), (#""stop": 1"#, "stop"), (#""stop": ["a", 1]"#, "stop[1]"), (#""n": 2"#, "n"),
        (#""stop": """#, "stop"), (#""stop": ["a", ""]"#, "stop"),
        (#""stop": "\#(String(repeating: "a", count: 257))""#, "stop"),
        (#""stop": [\#(Array(repeating: #""a""#, count: 17).joined(separator: ","))]"#, "stop"),
        (#""stream": true, "stream_options": {"include_obfuscation": true}"#, "stream_options.include_obfuscation"),
        (#""model": 1"#, "model"), (#""user": 1"#, "user"), (#""stream": 1"#, "stream"),
        (#""stream_options": {}"#, "stream_options"),
        (#""stream": true, "stream_options": {"other": 1}"#, "stream_options.other"),
        (#""presence_penalty": 0.5"#, "presence_penalty"), (#""frequency_penalty": 0.5"#, "frequency_penalty"),
        (#""logit_bias": {"1": 1}"#, "logit_bias"), (#""other": 1"#, "other"), (#""suffix": "x""#, "suffix"),
        (#""imprag": []"#, "imprag"), (#""imprag": {"other": 1}"#, "imprag.other"),
        (#""imprag": {"k": -1}"#, "imprag.k"),
        (#""imprag": {"filter": {"field": 1}}"#, "imprag.filter"), (#""imprag": {"filter": "{"}"#, "imprag.filter"),
        (#""imprag": {"speculate": 1}"#, "imprag.speculate"),
        (#""imprag": {"token_attention": "yes"}"#, "imprag.token_attention"),
        (#""imprag": {"recall": 2}"#, "imprag.recall"), (#""imprag": {"exact": 1}"#, "imprag.exact"),
        (#""imprag": {"words": "both"}"#, "imprag.words"), (#""imprag": {"encoding": "x"}"#, "imprag.encoding"),
        (#""imprag": {"completeness": "x"}"#, "imprag.completeness"),
        (#""imprag": {"min_epoch": -1}"#, "imprag.min_epoch"), (#""imprag": {"timeout_ms": 0}"#, "imprag.timeout_ms"),
    ]

    @Test("what is not supported is refused by its name, in completions and in chats", arguments: wrong)
    func refused(fields: String, param: String) throws {
        let failure = #expect(throws: GatewayFailure.self) { try read("{\"prompt\": \"Q\", \(fields)}") }
        #expect(failure?.param == param && failure?.status == 400, "\(failure?.json.line ?? "")")
        let messages = #""messages": [{"role": "user", "content": "Q"}]"#
        let inChat = #expect(throws: GatewayFailure.self) { try read("{\(messages), \(fields)}", isChat: true) }
        #expect(inChat?.param == param && inChat?.status == 400, "\(inChat?.json.line ?? "")")
    }

    @Test(
        "a completion has a prompt, and what only it may not have is refused",
        arguments: [
            ("{}", "prompt"), (#"{"prompt": ["Q", "R"]}"#, "prompt"), (#"{"prompt": []}"#, "prompt"),
            (#"{"prompt": [1]}"#, "prompt[0]"), (#"{"prompt": null}"#, "prompt"),
            (#"{"prompt": "Q", "logprobs": 6}"#, "logprobs"), (#"{"prompt": "Q", "logprobs": true}"#, "logprobs"),
            (#"{"prompt": "Q", "best_of": 2}"#, "best_of"),
            (#"{"prompt": "Q", "echo": true}"#, "echo"), (#"{"prompt": "Q", "messages": []}"#, "messages"),
            (#"{"prompt": "Q", "max_completion_tokens": 1}"#, "max_completion_tokens"),
            ("[]", nil), ("{", nil), ("", nil), (#"{"prompt": "Q"} x"#, nil),
        ] as [(String, String?)])
    func completionRefused(body: String, param: String?) throws {
        let failure = #expect(throws: GatewayFailure.self) { try read(body) }
        #expect(failure?.param == param && failure?.status == 400, "\(failure?.json.line ?? "")")
    }

    @Test(
        "a chat has messages, and what only it may not have is refused",
        arguments: [
            ("", "messages"), (#""messages": []"#, "messages"), (#""messages": {}"#, "messages"),
            (#""messages": ["a"]"#, "messages[0]"), (#""messages": [{"content": "a"}]"#, "messages[0].role"),
            (#""messages": [{"role": "tool", "content": "a"}]"#, "messages[0].role"),
            (#""messages": [{"role": "user"}]"#, "messages[0].content"),
            (#""messages": [{"role": "user", "content": 1}]"#, "messages[0].content"),
            (#""messages": [{"role": "user", "content": "a", "name": "n"}]"#, "messages[0].name"),
            (
                #""messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]"#,
                "messages[0].content[0].type"
            ),
            (#""messages": [{"role": "user", "content": [{"type": "text"}]}]"#, "messages[0].content[0].text"),
            (#""messages": [{"role": "user", "content": "a"}], "prompt": "Q""#, "prompt"),
            (#""messages": [{"role": "user", "content": "a"}], "logprobs": 1"#, "logprobs"),
            (#""messages": [{"role": "user", "content": "a"}], "top_logprobs": 2"#, "top_logprobs"),
            (
                #""messages": [{"role": "user", "content": "a"}], "logprobs": true, "top_logprobs": 21"#,
                "top_logprobs"
            ),
            (#""messages": [{"role": "user", "content": "a"}], "tools": []"#, "tools"),
            (#""messages": [{"role": "user", "content": "a"}], "modalities": ["text", "audio"]"#, "modalities"),
            (#""messages": [{"role": "user", "content": "a"}], "service_tier": "flex""#, "service_tier"),
            (#""messages": [{"role": "user", "content": "a"}], "prompt_cache_key": 1"#, "prompt_cache_key"),
            (
                #""messages": [{"role": "user", "content": "a"}], "max_tokens": 1, "max_completion_tokens": 2"#,
                "max_completion_tokens"
            ),
            (
                #""messages": [{"role": "user", "content": "a"}], "response_format": {"type": "json_object"}"#,
                "response_format"
            ),
        ])
    func chatRefused(fields: String, param: String) throws {
        let failure = #expect(throws: GatewayFailure.self) { try read("{\(fields)}", isChat: true) }
        #expect(failure?.param == param && failure?.status == 400, "\(failure?.json.line ?? "")")
    }
}
