/// One turn of a conversation.
public struct ChatMessage: Hashable, Sendable {
    /// As the model's chat template knows it: `system`, `user`, `assistant`.
    public var role: String
    public var content: String

    public init(role: String, content: String) {
        self.role = role
        self.content = content
    }
}
