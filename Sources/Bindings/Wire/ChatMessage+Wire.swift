import CWire
import Core

extension ChatMessage: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ChatMessage>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            role: try unsafe checkedText(stored.role, "chat_message.role"),
            content: try unsafe checkedText(stored.content, "chat_message.content"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ChatMessage> {
        let stored = unsafe arena.make(imprag__chat_message__init)
        unsafe stored.pointee.role = arena.bytes(of: role)
        unsafe stored.pointee.content = arena.bytes(of: content)
        return unsafe stored
    }
}
