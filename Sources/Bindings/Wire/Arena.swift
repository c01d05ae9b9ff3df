import CWire
import Core

/// The memory of one message while it is packed or unpacked. Owned by the function that made it.
@safe final class Arena {
    private let raw: OpaquePointer

    /// Allocates at most `budget` bytes.
    init(budget: Int) {
        guard let created = unsafe imprag_arena_create(budget) else { preconditionFailure("out of memory") }
        unsafe raw = created
    }

    deinit {
        unsafe imprag_arena_destroy(raw)
    }

    /// A C message with every field at its default. `initialize` is the generated function of its type.
    func make<Stored>(
        _ initialize: (UnsafeMutablePointer<Stored>?) -> Void
    ) -> UnsafeMutablePointer<Stored> {
        let stored = unsafe allocate(Stored.self, count: 1)
        unsafe initialize(stored)
        return unsafe stored
    }

    /// A copy of `text` in UTF-8.
    func bytes(of text: String) -> ProtobufCBinaryData {
        var text = text
        return text.withUTF8 { unsafe copy(UnsafeRawBufferPointer($0)) }
    }

    func bytes(of array: [UInt8]) -> ProtobufCBinaryData {
        unsafe array.withUnsafeBytes { unsafe copy($0) }
    }

    /// A C array of `elements`; nil when there are none.
    func array<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element>? {
        guard !elements.isEmpty else { return nil }
        let copy = unsafe allocate(Element.self, count: elements.count)
        for (index, element) in elements.enumerated() {
            unsafe (copy + index).initialize(to: element)
        }
        return unsafe copy
    }

    /// A C array of copies of `texts` in UTF-8; nil when there are none.
    func array(_ texts: [String]) -> UnsafeMutablePointer<ProtobufCBinaryData>? {
        guard !texts.isEmpty else { return nil }
        let copy = unsafe allocate(ProtobufCBinaryData.self, count: texts.count)
        for (index, text) in texts.enumerated() {
            unsafe (copy + index).initialize(to: bytes(of: text))
        }
        return unsafe copy
    }

    /// A C array of copies of `keys`; nil when there are none.
    func array(_ keys: [StateKey]) -> UnsafeMutablePointer<ProtobufCBinaryData>? {
        unsafe array(keys.map { unsafe bytes(of: $0.bytes) })
    }

    /// A C array of pointers to the packed `messages`; nil when there are none.
    func array<Message: WireMessage>(_ messages: [Message]) -> UnsafeMutablePointer<
        UnsafeMutablePointer<Message.Stored>?
    >? {
        guard !messages.isEmpty else { return nil }
        let pointers = unsafe allocate(UnsafeMutablePointer<Message.Stored>?.self, count: messages.count)
        for (index, message) in messages.enumerated() {
            unsafe (pointers + index).initialize(to: message.store(in: self))
        }
        return unsafe pointers
    }

    /// Nil when `bytes` are no envelope, or one that needs more than the budget.
    func unpackEnvelope(_ bytes: UnsafeRawBufferPointer) -> UnsafePointer<Imprag__Envelope>? {
        let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        return unsafe UnsafePointer(imprag_arena_unpack_envelope(raw, bytes.count, start))
    }

    /// True when messages were nested too deeply.
    var isTooDeep: Bool { unsafe imprag_arena_is_too_deep(raw) }

    /// True when the budget was too small at some point.
    var isExhausted: Bool { unsafe imprag_arena_refusals(raw) > 0 }

    private func allocate<Stored>(_ type: Stored.Type, count: Int) -> UnsafeMutablePointer<Stored> {
        // Only packing comes here, and its budget is unlimited: the process is out of memory.
        guard let memory = unsafe imprag_arena_allocate(raw, MemoryLayout<Stored>.stride * count) else {
            preconditionFailure("out of memory")
        }
        return unsafe memory.bindMemory(to: type, capacity: count)
    }

    private func copy(_ source: UnsafeRawBufferPointer) -> ProtobufCBinaryData {
        guard let start = source.baseAddress, unsafe !source.isEmpty else {
            return unsafe ProtobufCBinaryData(len: 0, data: nil)
        }
        let memory = unsafe allocate(UInt8.self, count: source.count)
        unsafe UnsafeMutableRawPointer(memory).copyMemory(from: start, byteCount: source.count)
        return unsafe ProtobufCBinaryData(len: source.count, data: memory)
    }
}
