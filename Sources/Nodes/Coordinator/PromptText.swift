import Core

/// What the tokens of a prompt are made of.
enum PromptText: Sendable, Equatable {
    case plain(String)
    /// Goes through the model's chat template.
    case chat([ChatMessage])
}
