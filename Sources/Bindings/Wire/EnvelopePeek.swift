/// What can be read of an envelope of any protocol version: fields 1 and 2, and which body it has.
///
/// Parsed by hand, because another version's envelope need not unpack as ours. Layout: a protobuf message is a sequence
/// of keys (varint: field number · 8 + wire type), each followed by its value.
public struct EnvelopePeek: Sendable {
    /// Nil, like the others, when the bytes end or stop making sense before it.
    public private(set) var protocolVersion: UInt64?
    public private(set) var requestID: UInt64?
    /// Whether the body is a reply.
    public private(set) var isReply: Bool?

    /// Every encoder puts those fields within these first bytes: for envelopes that are not read whole.
    public static let prefixBytes = 4096

    /// - Parameter bytes: the envelope, or its first `prefixBytes`.
    public init(_ bytes: RawSpan) {
        var offset = 0
        while offset < bytes.byteCount {
            guard let key = Self.varint(bytes, &offset) else { return }
            switch key & 7 {
            case 0:
                guard let value = Self.varint(bytes, &offset) else { return }
                if key >> 3 == 1 { protocolVersion = value }
                if key >> 3 == 2 { requestID = value }
            case 1:
                guard bytes.byteCount - offset >= 8 else { return }
                offset += 8
            case 2:
                if key >> 3 >= 16 { isReply = key >> 3 >= 32 }
                guard let length = Self.varint(bytes, &offset),
                    let count = Int(exactly: length), count <= bytes.byteCount - offset
                else { return }
                offset += count
            case 5:
                guard bytes.byteCount - offset >= 4 else { return }
                offset += 4
            default:
                return
            }
        }
    }

    private static func varint(_ bytes: RawSpan, _ offset: inout Int) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: 0 as UInt64, to: 70, by: 7) {
            guard offset < bytes.byteCount else { return nil }
            let byte = bytes.byte(at: offset)
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}

extension RawSpan {
    /// The byte at `offset`, which is checked.
    fileprivate func byte(at offset: Int) -> UInt8 {
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
