import Core
import Platform

/// The chat in a file: a JSON list of `{"role", "content"}`, as in OpenAI's interface.
func chatMessages(_ path: String) throws(ImpRAGError) -> [ChatMessage] {
    let file = try MappedFile(path: path)
    let value = try JSONScanner.value(.file(path), bytes: file.copyBytes(in: 0..<file.count))
    var messages: [ChatMessage] = []
    for element in try JSONField(path: path, name: "messages", value: value).elements() {
        messages.append(
            ChatMessage(
                role: try element.required("role").string(), content: try element.required("content").string()))
    }
    guard !messages.isEmpty else { throw ImpRAGError(.invalidArgument, "\(path): there are no messages") }
    return messages
}
