public import Core
public import Wire

/// What comes back for a prompt, in this order: sources, tokens, end.
public enum AskEvent: Sendable, Hashable {
    case sources(AskSources)
    case token(AnswerToken)
    case done(AskDone)
}
