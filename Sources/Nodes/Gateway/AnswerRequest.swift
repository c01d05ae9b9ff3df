import Core
import Wire

/// A request for a completion or a chat completion.
struct AnswerRequest {
    let isChat: Bool
    /// As the client wrote it.
    let model: String
    let ask: AskRequest
    let milliseconds: Int
    let isStream: Bool
    let includesUsage: Bool
    let hasLogprobs: Bool
    /// Whether the answer comes with a receipt.
    let wantsReceipt: Bool

    init(_ body: [UInt8], isChat: Bool) throws(GatewayFailure) {
        self.isChat = isChat
        var fields = try RequestFields(body: body)
        model = try fields.string("model") ?? ""
        let messages = isChat ? try Self.messages(&fields) : []
        let prompt = isChat ? "" : try Self.prompt(&fields)
        var sampling = try Self.sampling(&fields, isChat: isChat)
        isStream = try fields.bool("stream")
        var includesUsage = false
        if var options = try fields.object("stream_options") {
            guard isStream else { throw .field("stream_options", "stream_options is only for stream: true") }
            includesUsage = try options.bool("include_usage")
            try options.neutral("include_obfuscation", { $0 == .bool(false) }, "false")
            try options.refuseOthers()
        }
        self.includesUsage = includesUsage
        sampling.topLogprobs = try Self.logprobs(&fields, isChat: isChat)
        hasLogprobs = sampling.topLogprobs != nil
        try Self.passOver(&fields, isChat: isChat)
        var search = SearchSettings()
        var encoding: PassageEncoding?
        var (abstains, wantsReceipt): (Bool?, Bool) = (nil, false)
        var (speculates, measuresTokens) = (true, false)
        if var own = try fields.object("imprag") {
            search = try own.searchSettings()
            encoding = try own.choice("encoding", PassageEncoding.self)
            speculates = try own.bool("speculate", otherwise: true)
            measuresTokens = try own.bool("token_attention")
            abstains = try own.optionalBool("abstain")
            wantsReceipt = try own.bool("receipt")
            try own.refuseOthers()
        }
        try fields.refuseOthers()
        self.wantsReceipt = wantsReceipt
        milliseconds = search.milliseconds
        ask = AskRequest(
            prompt: prompt, k: search.k, encoding: encoding, sampling: sampling, completeness: search.completeness,
            options: search.options, words: search.words, messages: messages, speculates: speculates,
            measuresTokens: measuresTokens, abstains: abstains)
    }

    private static func messages(_ fields: inout RequestFields) throws(GatewayFailure) -> [ChatMessage] {
        guard let list = try fields.list("messages"), !list.isEmpty else {
            throw .field("messages", "messages is missing or empty; at least one is right")
        }
        var messages: [ChatMessage] = []
        for (place, value) in list.enumerated() {
            var fields = try RequestFields(value, name: "messages[\(place)]")
            let role = try fields.requiredString("role")
            guard ["system", "developer", "user", "assistant"].contains(role) else {
                throw .field(
                    fields.path("role"),
                    "\(fields.path("role")) is \"\(role)\"; \"system\", \"developer\", \"user\" or \"assistant\" is right"
                )
            }
            let content = try content(&fields)
            try fields.refuseOthers()
            messages.append(ChatMessage(role: role == "developer" ? "system" : role, content: content))
        }
        return messages
    }

    /// A string, or a list of parts `{"type": "text", "text": …}`.
    private static func content(_ fields: inout RequestFields) throws(GatewayFailure) -> String {
        let value = try fields.required("content")
        guard case .array(let parts) = value else { return try fields.requiredString("content") }
        var text = ""
        for (place, part) in parts.enumerated() {
            var part = try RequestFields(part, name: "\(fields.path("content"))[\(place)]")
            let type = try part.requiredString("type")
            guard type == "text" else {
                throw .field(part.path("type"), "\(part.path("type")) is \"\(type)\"; only \"text\" is supported")
            }
            text += try part.requiredString("text")
            try part.refuseOthers()
        }
        return text
    }

    private static func sampling(
        _ fields: inout RequestFields, isChat: Bool
    ) throws(GatewayFailure) -> SamplingOptions {
        var sampling = SamplingOptions()
        sampling.maxTokens = try fields.integer("max_tokens", in: 1...(1 << 30))
        if isChat, let limit = try fields.integer("max_completion_tokens", in: 1...(1 << 30)) {
            guard sampling.maxTokens == nil || sampling.maxTokens == limit else {
                throw .field(
                    "max_completion_tokens", "max_tokens and max_completion_tokens differ; one of them is right")
            }
            sampling.maxTokens = limit
        }
        sampling.temperature = try fields.number("temperature", in: 0...2) ?? 0
        sampling.topP = try fields.number("top_p", in: 0...1)
        sampling.seed = try fields.integer("seed", in: Int.min...Int.max).map { UInt64(bitPattern: Int64($0)) }
        sampling.stop = try stop(&fields)
        return sampling
    }

    /// A text, or a list of some.
    private static func stop(_ fields: inout RequestFields) throws(GatewayFailure) -> [String] {
        let texts: [String]
        if case .string(let text)? = fields.value("stop") {
            texts = [text]
        } else {
            texts = try fields.strings("stop") ?? []
        }
        guard texts.count <= Sampling.stopCountLimit else {
            throw .field("stop", "stop has \(texts.count) texts; at most \(Sampling.stopCountLimit) are right")
        }
        for text in texts where !(1...Sampling.stopByteLimit).contains(text.utf8.count) {
            throw .field(
                "stop", "a text of stop has \(text.utf8.count) bytes; 1 to \(Sampling.stopByteLimit) are right")
        }
        return texts
    }

    /// A text, or a list of one: some clients send lists alone.
    private static func prompt(_ fields: inout RequestFields) throws(GatewayFailure) -> String {
        guard case .array? = fields.value("prompt") else { return try fields.requiredString("prompt") }
        let prompts = try fields.strings("prompt") ?? []
        guard prompts.count == 1, let prompt = prompts.first else {
            throw .field("prompt", "prompt has \(prompts.count) texts; one a request is answered")
        }
        return prompt
    }

    /// The most alternatives that OpenAI's completions have; chats have as many as there are.
    private static let completionLogprobsLimit = 5

    /// How many alternatives are wanted beside each token's logarithm of probability; nil: not even that.
    private static func logprobs(_ fields: inout RequestFields, isChat: Bool) throws(GatewayFailure) -> Int? {
        guard isChat else {
            // false is what some clients send for none.
            if fields.value("logprobs") == .bool(false) { return nil }
            return try fields.integer("logprobs", in: 0...completionLogprobsLimit)
        }
        let count = try fields.integer("top_logprobs", in: 0...SamplingOptions.topLogprobsLimit)
        guard try fields.bool("logprobs") else {
            guard count == nil || count == 0 else {
                throw .field("top_logprobs", "top_logprobs is only for logprobs: true")
            }
            return nil
        }
        return count ?? 0
    }

    /// Standard fields that are taken when they change nothing.
    private static func passOver(_ fields: inout RequestFields, isChat: Bool) throws(GatewayFailure) {
        // Whom a request is for: nobody looks at it here.
        for name in ["user"] + (isChat ? ["safety_identifier", "prompt_cache_key"] : []) { _ = try fields.string(name) }
        try fields.neutral("n", { $0 == .integer(1) }, "1")
        for name in ["presence_penalty", "frequency_penalty"] {
            try fields.neutral(name, { $0.double == 0 }, "0")
        }
        try fields.neutral("logit_bias", { $0 == .object([:]) }, "an empty object")
        if isChat {
            let text = JSONValue.object([ByteString("type"): .string("text")])
            try fields.neutral("response_format", { $0 == text }, "{\"type\": \"text\"}")
            try fields.neutral("modalities", { $0 == .array([.string("text")]) }, "[\"text\"]")
            try fields.neutral(
                "service_tier", { $0 == .string("auto") || $0 == .string("default") }, "\"auto\" or \"default\"")
            try fields.neutral("store", { $0 == .bool(false) }, "false")
            try fields.neutral("metadata", { $0 == .object([:]) }, "an empty object")
        } else {
            try fields.neutral("best_of", { $0 == .integer(1) }, "1")
            try fields.neutral("echo", { $0 == .bool(false) }, "false")
        }
    }
}
