import CWire
import Core

/// A message that can be written to and read from the C structure that protoc-c generated for it.
protocol WireMessage {
    associatedtype Stored

    /// Reads and checks: the fields of `stored` are whatever a peer sent.
    init(stored: UnsafePointer<Stored>) throws(MalformedField)

    /// Writes the C structure. All memory comes from `arena`, so the result lives as long as that.
    func store(in arena: Arena) -> UnsafeMutablePointer<Stored>
}

/// A field of a message that holds something it may not.
struct MalformedField: Error {
    /// A whole sentence.
    let message: String

    init(_ message: String) {
        self.message = message
    }
}

/// The most items that a message may hold. A message that exceeds them is refused before it is copied.
enum WireLimit {
    static let tensorRank = 8
    static let passages = 65_536
    static let terms = 65_536
    static let queries = 65_536
    static let nodes = 65_536
    static let partitions = 65_536
    static let samples = 4096
    static let aliases = 4096
    static let stopStrings = 64
    static let chatMessages = 4096
    static let promptTokens = 1 << 22
    /// Far from overflow in what is counted from it; nobody commits as many segments.
    static let epoch = SearchOptions.minEpochRange.upperBound
}

/// The text in `data`. Throws when it is not UTF-8.
func checkedText(_ data: ProtobufCBinaryData, _ field: StaticString) throws(MalformedField) -> String {
    guard unsafe data.len > 0, let start = unsafe data.data else { return "" }
    let bytes = unsafe UnsafeBufferPointer(start: start, count: data.len)
    guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
        throw MalformedField("\(field) is not UTF-8")
    }
    return text
}

/// A text of at most `limit` bytes.
func checkedText(
    _ data: ProtobufCBinaryData, limit: Int, _ field: StaticString
) throws(MalformedField) -> String {
    guard unsafe data.len <= limit else {
        throw MalformedField("\(field) has \(unsafe data.len) bytes; at most \(limit) are allowed")
    }
    return try unsafe checkedText(data, field)
}

func byteArray(_ data: ProtobufCBinaryData) -> [UInt8] {
    guard unsafe data.len > 0, let start = unsafe data.data else { return [] }
    return unsafe Array(UnsafeBufferPointer(start: start, count: data.len))
}

/// The numbers in a repeated field.
func numbers<Element>(
    _ start: UnsafeMutablePointer<Element>?, _ count: Int, limit: Int, _ field: StaticString
) throws(MalformedField) -> [Element] {
    try checkCount(count, limit: limit, field)
    guard count > 0, let start = unsafe start else { return [] }
    return unsafe Array(UnsafeBufferPointer(start: start, count: count))
}

/// The texts in a repeated field.
func texts(
    _ start: UnsafeMutablePointer<ProtobufCBinaryData>?, _ count: Int, limit: Int, _ field: StaticString
) throws(MalformedField) -> [String] {
    try checkCount(count, limit: limit, field)
    guard count > 0, let start = unsafe start else { return [] }
    var result: [String] = []
    for index in 0..<count {
        result.append(try unsafe checkedText(start[index], field))
    }
    return result
}

/// The keys in a repeated field: at least one.
func stateKeys(
    _ start: UnsafeMutablePointer<ProtobufCBinaryData>?, _ count: Int, _ field: StaticString
) throws(MalformedField) -> [StateKey] {
    try checkCount(count, limit: TensorDescription.countLimit, field)
    guard count > 0, let start = unsafe start else {
        throw MalformedField("\(field) is empty; one key at least is needed")
    }
    var result: [StateKey] = []
    for index in 0..<count {
        guard unsafe start[index].len == 32, let key = unsafe StateKey(bytes: byteArray(start[index])) else {
            throw MalformedField("\(field)[\(index)] has \(unsafe start[index].len) bytes; a key has 32")
        }
        result.append(key)
    }
    return result
}

/// The messages in a repeated field.
func messages<Message: WireMessage>(
    _ start: UnsafeMutablePointer<UnsafeMutablePointer<Message.Stored>?>?, _ count: Int, limit: Int,
    _ field: StaticString
) throws(MalformedField) -> [Message] {
    try checkCount(count, limit: limit, field)
    guard count > 0, let start = unsafe start else { return [] }
    var result: [Message] = []
    result.reserveCapacity(count)
    for index in 0..<count {
        guard let element = unsafe start[index] else { throw MalformedField("\(field) has a hole") }
        result.append(try unsafe Message(stored: UnsafePointer(element)))
    }
    return result
}

/// A message in a required field.
func submessage<Message: WireMessage>(
    _ pointer: UnsafeMutablePointer<Message.Stored>?, _ field: StaticString
) throws(MalformedField) -> Message {
    guard let pointer = unsafe pointer else { throw MalformedField("\(field) is missing") }
    return try unsafe Message(stored: UnsafePointer(pointer))
}

/// A message in a field that may be absent, which means that all its fields have their defaults.
func submessage<Message: WireMessage>(
    _ pointer: UnsafeMutablePointer<Message.Stored>?, orDefault value: Message
) throws(MalformedField) -> Message {
    guard let pointer = unsafe pointer else { return value }
    return try unsafe Message(stored: UnsafePointer(pointer))
}

/// A message in a field that may be absent.
func optionalSubmessage<Message: WireMessage>(
    _ pointer: UnsafeMutablePointer<Message.Stored>?
) throws(MalformedField) -> Message? {
    guard let pointer = unsafe pointer else { return nil }
    return try unsafe Message(stored: UnsafePointer(pointer))
}

/// A count that fits this machine's `Int`.
func count(_ value: UInt64, _ field: StaticString) throws(MalformedField) -> Int {
    guard let count = Int(exactly: value) else {
        throw MalformedField("\(field) is \(value); at most \(Int.max) is possible")
    }
    return count
}

/// A position in a collection's log; 0 is before its first segment.
func checkedEpoch(_ value: UInt64, _ field: StaticString) throws(MalformedField) -> Int {
    guard let epoch = Int(exactly: value), epoch <= WireLimit.epoch else {
        throw MalformedField("\(field) is \(value); an epoch is at most \(WireLimit.epoch)")
    }
    return epoch
}

/// The fingerprint in a field that may be empty.
func checkedFingerprint(_ data: ProtobufCBinaryData, _ field: StaticString) throws(MalformedField) -> Fingerprint? {
    guard unsafe data.len > 0 else { return nil }
    guard unsafe data.len == 32, let fingerprint = unsafe Fingerprint(bytes: byteArray(data)) else {
        throw MalformedField("\(field) has \(unsafe data.len) bytes; a fingerprint has 32, or none when there is none")
    }
    return fingerprint
}

/// The key in a field that may be empty.
func checkedUpdateKey(_ data: ProtobufCBinaryData, _ field: StaticString) throws(MalformedField) -> UpdateKey? {
    guard unsafe data.len > 0 else { return nil }
    guard unsafe data.len == UpdateKey.byteCount, let key = unsafe UpdateKey(bytes: byteArray(data)) else {
        throw MalformedField(
            "\(field) has \(unsafe data.len) bytes; an update's key has 16, not all of them 0, or none when there is none"
        )
    }
    return key
}

/// The trace in a field that may be empty; nil, too, when it cannot be read: a request is answered all the same.
func traceContext(_ data: ProtobufCBinaryData) -> TraceContext? {
    // Versions to come may have more behind the fields of today.
    guard unsafe (TraceContext.byteCount...256).contains(data.len) else { return nil }
    return TraceContext(String(decoding: unsafe byteArray(data), as: UTF8.self))
}

private func checkCount(_ count: Int, limit: Int, _ field: StaticString) throws(MalformedField) {
    guard count <= limit else { throw MalformedField("\(field) has \(count) entries; \(limit) are allowed") }
}
