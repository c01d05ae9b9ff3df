import CWire
import Core

extension Passage: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__Passage>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            id: try unsafe checkedText(stored.id, "passage.id"),
            title: try unsafe checkedText(stored.title, "passage.title"),
            text: try unsafe checkedText(stored.text, "passage.text"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__Passage> {
        let stored = unsafe arena.make(imprag__passage__init)
        unsafe stored.pointee.id = arena.bytes(of: id)
        unsafe stored.pointee.title = arena.bytes(of: title)
        unsafe stored.pointee.text = arena.bytes(of: text)
        return unsafe stored
    }
}
