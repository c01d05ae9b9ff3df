import CWire
import Core

/// One field of a passage's metadata, as sent on the wire.
struct MetadataEntry {
    let field: String
    let value: MetadataValue
}

extension MetadataEntry: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__MetadataEntry>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        field = try unsafe checkedText(stored.field, "passage.metadata.field")
        switch unsafe stored.value_case {
        case IMPRAG__METADATA_ENTRY__VALUE_TEXT:
            value = .string(try unsafe checkedText(stored.text, "passage.metadata.text"))
        case IMPRAG__METADATA_ENTRY__VALUE_NUMBER:
            value = .number(Number(unsafe stored.number))
        case IMPRAG__METADATA_ENTRY__VALUE_INTEGER:
            value = .number(Number(unsafe stored.integer))
        case IMPRAG__METADATA_ENTRY__VALUE_LIST:
            guard let list = unsafe stored.list else { throw MalformedField("passage.metadata.list is missing") }
            value = .strings(
                try unsafe texts(
                    list.pointee.values, list.pointee.n_values, limit: MetadataValue.listLimit,
                    "passage.metadata.list.values"))
        default:
            throw MalformedField(
                "passage.metadata has no value for the field '\(field)'; text, number, integer or list is right")
        }
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__MetadataEntry> {
        let stored = unsafe arena.make(imprag__metadata_entry__init)
        unsafe stored.pointee.field = arena.bytes(of: field)
        switch value {
        case .string(let text):
            unsafe stored.pointee.value_case = IMPRAG__METADATA_ENTRY__VALUE_TEXT
            unsafe stored.pointee.text = arena.bytes(of: text)
        case .number(let number):
            if let integer = number.onlyInteger {
                unsafe stored.pointee.value_case = IMPRAG__METADATA_ENTRY__VALUE_INTEGER
                unsafe stored.pointee.integer = integer
            } else {
                unsafe stored.pointee.value_case = IMPRAG__METADATA_ENTRY__VALUE_NUMBER
                unsafe stored.pointee.number = number.nearest
            }
        case .strings(let texts):
            let list = unsafe arena.make(imprag__text_list__init)
            unsafe list.pointee.n_values = texts.count
            unsafe list.pointee.values = arena.array(texts)
            unsafe stored.pointee.value_case = IMPRAG__METADATA_ENTRY__VALUE_LIST
            unsafe stored.pointee.list = list
        }
        return unsafe stored
    }
}
