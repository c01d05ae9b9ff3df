import CWire
import Core

extension Passage: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__Passage>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let id = try unsafe checkedText(stored.id, "passage.id")
        let entries: [MetadataEntry] = try unsafe messages(
            stored.metadata, stored.n_metadata, limit: MetadataValue.fieldLimit, "passage.metadata")
        var metadata: [ByteString: MetadataValue] = [:]
        for entry in entries {
            guard metadata.updateValue(entry.value, forKey: ByteString(entry.field)) == nil else {
                throw MalformedField("passage.metadata of '\(id)' has the field '\(entry.field)' twice")
            }
        }
        let problems = MetadataValue.problems(of: metadata)
        guard problems.isEmpty else {
            throw MalformedField("passage.metadata of '\(id)' is wrong: \(problems.joined(separator: "; "))")
        }
        self.init(
            id: id, title: try unsafe checkedText(stored.title, "passage.title"),
            text: try unsafe checkedText(stored.text, "passage.text"), metadata: metadata)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__Passage> {
        let stored = unsafe arena.make(imprag__passage__init)
        unsafe stored.pointee.id = arena.bytes(of: id)
        unsafe stored.pointee.title = arena.bytes(of: title)
        unsafe stored.pointee.text = arena.bytes(of: text)
        // Sorted, so that equal passages have equal bytes.
        let entries = metadata.sorted { $0.key < $1.key }.map { MetadataEntry(field: $0.key.text, value: $0.value) }
        unsafe stored.pointee.n_metadata = entries.count
        unsafe stored.pointee.metadata = arena.array(entries)
        return unsafe stored
    }
}
