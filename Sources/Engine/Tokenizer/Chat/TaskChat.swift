import Core

/// A chat in the template of questions, for models that were taught no other.
///
/// A single message is exactly the prompt that the model was trained with. Earlier turns stand before it as examples
/// of a few-shot prompt do, each on its line, and what the system says before all:
///
///     Be brief.
///     Q: What is the capital of Peru? A: Lima
///     Q: And of Chile? A:
enum TaskChat {
    static func render(_ messages: [ChatMessage]) -> RenderedChat {
        var text = ""
        var isAsked = false
        for message in messages.filter({ $0.role == "system" }) + messages.filter({ $0.role != "system" }) {
            let isAnswer = message.role == "assistant"
            if !text.isEmpty { text += isAnswer && isAsked ? " " : "\n" }
            text += message.role == "user" ? prompt(message.content) : message.content
            isAsked = message.role == "user"
        }
        return RenderedChat(ChatText(data: text))
    }

    /// Of a task's template already, or of a question.
    private static func prompt(_ content: String) -> String {
        Question.words(ofPrompt: content) == content ? Question.prompt(content) : content
    }
}
