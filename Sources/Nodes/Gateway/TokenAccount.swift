import Client
import Core
import Wire

/// Charges one request's tokens; an answer's as they come: those of answers that run side by side count before any has
/// ended.
struct TokenAccount {
    private let allowance: Allowance?
    /// What has been charged for the prompt, and for the answer.
    private var prompt: Int
    private var answer = 0

    /// A token of text has about so many bytes; how many the prompt has is known at the end.
    private static let tokenBytes = 4

    init(_ request: AskRequest, _ allowance: Allowance?) {
        self.init([request.prompt] + request.messages.map(\.content), allowance)
    }

    /// - Parameter texts: what the model reads.
    init(_ texts: [String], _ allowance: Allowance?) {
        self.allowance = allowance
        prompt = (texts.reduce(0) { $0 + $1.utf8.count } + Self.tokenBytes - 1) / Self.tokenBytes
        allowance?.charge(prompt)
    }

    /// The texts had so many tokens; 0: nothing was read.
    mutating func count(read tokens: Int) {
        allowance?.charge(tokens - prompt)
        prompt = tokens
    }

    mutating func count(_ event: AskEvent) {
        switch event {
        case .sources: break
        case .token(let token):
            guard token.token != nil else { return }
            answer += 1
            allowance?.charge(1)
        case .done(let done):
            allowance?.charge(done.promptTokenCount - prompt + done.generatedTokenCount - answer)
            (prompt, answer) = (done.promptTokenCount, done.generatedTokenCount)
        }
    }
}
