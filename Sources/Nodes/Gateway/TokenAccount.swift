import Client
import Core
import Wire

/// Charges one answer's tokens as they come: those of answers that run side by side count before any has ended.
struct TokenAccount {
    private let allowance: Allowance?
    /// What has been charged for the prompt, and for the answer.
    private var prompt: Int
    private var answer = 0

    /// A token of text has about so many bytes; how many the prompt has is known at the end.
    private static let tokenBytes = 4

    init(_ request: AskRequest, _ allowance: Allowance?) {
        self.allowance = allowance
        let bytes = request.prompt.utf8.count + request.messages.reduce(0) { $0 + $1.content.utf8.count }
        prompt = (bytes + Self.tokenBytes - 1) / Self.tokenBytes
        allowance?.charge(prompt)
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
