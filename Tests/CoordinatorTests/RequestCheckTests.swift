import Cluster
import Core
import Model
import Testing
import Wire

@testable import Coordinator

struct RequestCheckTests {
    private func check() throws -> RequestCheck {
        let cluster = try ClusterConfiguration(
            text: """
                { "partitions": 1, "model": "m", "index": "i", "nodes": [
                    { "name": "c", "role": "coordinator", "max_prompt_tokens": 50, "max_k": 8,
                      "max_answer_tokens": 40, "default_answer_tokens": 30 },
                    { "name": "s", "role": "shard", "listen": "ipc:///s", "partitions": [0] },
                    { "name": "g", "role": "generator", "listen": "ipc:///g" } ] }
                """, source: "test", directory: "/")
        guard case .coordinator(let settings) = try cluster.node(named: "c").role else {
            throw ImpRAGError(.internal, "no coordinator")
        }
        return RequestCheck(
            settings: settings,
            shape: RequestShape(
                hiddenSize: 8, bottomBoundary: 2, keyWidth: 4, vocabularySize: 256, maxPassageTokens: 10,
                maxPositions: 100, topK: 4, encoding: .segmented))
    }

    @Test("what a request leaves open comes from the model and the coordinator")
    func defaults() throws {
        let checked = try check().ask(AskRequest(prompt: "hello"))
        #expect(checked.k == 4)
        #expect(checked.encoding == .segmented)
        #expect(checked.sampling.maxTokens == 30)
        #expect(try check().answerTokens(for: checked, promptTokens: 20) == 30)
        // 100 positions − 4 · 10 for passages − 45 for the prompt.
        #expect(try check().answerTokens(for: checked, promptTokens: 45) == 15)
        #expect(try check().search(SearchRequest(prompt: "hello")) == 4)
    }

    @Test("everything out of range is listed at once, with what is right")
    func allProblems() throws {
        let request = AskRequest(
            prompt: String(repeating: "x", count: 50 * 64 + 1), k: 9,
            sampling: SamplingOptions(temperature: -1, topP: 2, maxTokens: 41))
        let error = #expect(throws: ImpRAGError.self) { try check().ask(request) }
        #expect(error?.code == .invalidArgument)
        let message = error?.message ?? ""
        for part in [
            "3201 bytes; at most 3200", "k is 9; 0 to 8", "max_tokens is 41; 1 to 40", "temperature is -1",
            "top_p is 2",
        ] {
            #expect(message.contains(part), "\(message)")
        }
    }

    @Test("a weight of words needs fuse, and is between 0 and 1")
    func wordsWeight() throws {
        for (words, reason) in [
            (WordsOptions(mode: .off, weight: 0.5), "words are off"),
            (WordsOptions(mode: .only, weight: 0.5), "for fuse"),
            (WordsOptions(mode: .fuse, weight: 1.5), "0 to 1"), (WordsOptions(mode: .fuse, weight: .nan), "0 to 1"),
        ] {
            let ask = #expect(throws: ImpRAGError.self) { try check().ask(AskRequest(prompt: "hello", words: words)) }
            #expect(ask?.message.contains(reason) == true, "\(ask?.message ?? "")")
            #expect(throws: ImpRAGError.self) { try check().search(SearchRequest(prompt: "hello", words: words)) }
        }
        #expect(try check().search(SearchRequest(prompt: "hello", words: WordsOptions(mode: .fuse, weight: 1))) == 4)
    }

    @Test("prompt, passages and answer together have to fit the model's positions")
    func positions() throws {
        let given = try check().ask(AskRequest(prompt: "hello", sampling: SamplingOptions(maxTokens: 40)))
        #expect(try check().answerTokens(for: given, promptTokens: 20) == 40)
        let error = #expect(throws: ImpRAGError.self) { try check().answerTokens(for: given, promptTokens: 21) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("at most 39 are left") == true)
        #expect(throws: ImpRAGError.self) { try check().promptLength(51, k: 0) }
        try check().promptLength(50, k: 0)
        try check().promptLength(19, k: 8)
        #expect(throws: ImpRAGError.self) { try check().promptLength(20, k: 8) }
    }

    @Test("a search needs no room for passages that it never reads")
    func searchPlaces() throws {
        #expect(try check().searchPlaces(promptTokens: 19, k: 8) == 8)
        #expect(try check().searchPlaces(promptTokens: 20, k: 8) == 0)
        #expect(throws: ImpRAGError.self) { try check().searchPlaces(promptTokens: 51, k: 1) }
    }

    @Test("a prompt without a word is refused", arguments: ["", " ", "\n\t \r\n"])
    func emptyPrompt(prompt: String) throws {
        let error = #expect(throws: ImpRAGError.self) { try RequestCheck.requireText(prompt) }
        #expect(error?.code == .invalidArgument && error?.message.contains("a question") == true)
        try RequestCheck.requireText(" x ")
    }

    @Test("the words to search for are the prompt's, or what the user said last")
    func textOfMessages() throws {
        let chat = [
            ChatMessage(role: "user", content: "a"), ChatMessage(role: "user", content: "b"),
            ChatMessage(role: "assistant", content: "c"),
        ]
        #expect(try RequestCheck.text(of: AskRequest(prompt: "p")) == "p")
        #expect(try RequestCheck.text(of: AskRequest(prompt: "", messages: chat)) == "b")
        for wrong in [
            AskRequest(prompt: "p", messages: chat), AskRequest(prompt: ""),
            AskRequest(prompt: "", messages: [chat[2]]),
            AskRequest(prompt: "", messages: [ChatMessage(role: "user", content: " ")]),
        ] {
            let error = #expect(throws: ImpRAGError.self) { try RequestCheck.text(of: wrong) }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test("too many messages, or too long ones, are refused")
    func manyMessages() throws {
        let message = ChatMessage(role: "user", content: "a")
        let most = Array(repeating: message, count: 640)
        _ = try check().ask(AskRequest(prompt: "", messages: most))
        let long = #expect(throws: ImpRAGError.self) {
            try check().ask(AskRequest(prompt: "", messages: most + [message]))
        }
        #expect(long?.message == "the messages have 3205 bytes; at most 3200 are allowed")
        let many = #expect(throws: ImpRAGError.self) {
            try check().ask(AskRequest(prompt: "", messages: Array(repeating: message, count: 1025)))
        }
        #expect(many?.message.hasPrefix("there are 1025 messages; at most 1024 are allowed") == true)
    }

    @Test("ids in an update that differ in their bytes are distinct")
    func idsByBytes() throws {
        try UpdateCheck.ids(["\u{E9}", "e\u{301}"], limit: 10)
        #expect(throws: ImpRAGError.self) { try UpdateCheck.ids(["\u{E9}", "\u{E9}"], limit: 10) }
    }

    @Test("of passages with one id, the last one is left, in its place; a bad one before it is refused all the same")
    func passagesOfOneID() throws {
        func passage(_ id: String, _ text: String) -> Passage { Passage(id: id, title: "", text: text) }
        let update = [
            passage("a", "1"), passage("\u{E9}", "2"), passage("a", "3"), passage("e\u{301}", "4"), passage("a", "5"),
        ]
        #expect(try UpdateCheck.passages(update, limit: 5).map(\.text) == ["2", "4", "5"])
        #expect(throws: ImpRAGError.self) { try UpdateCheck.passages(update, limit: 4) }
        #expect(throws: ImpRAGError.self) {
            try UpdateCheck.passages([passage("a", " "), passage("a", "1")], limit: 5)
        }
    }

    @Test("a search needs a k of at least 1, an ask does not")
    func zero() throws {
        #expect(try check().ask(AskRequest(prompt: "", k: 0)).k == 0)
        #expect(throws: ImpRAGError.self) { try check().search(SearchRequest(prompt: "", k: 0)) }
    }
}
