import CZeroMQ

/// Keys of CurveZMQ, libzmq's encryption and authentication: 32 bytes each, written as 40 characters of Z85.
public enum CurveKeys {
    /// Characters of a key.
    public static let textLength = 40
    static let byteCount = 32

    /// Whether this libzmq was built with it; Debian's is.
    public static var isAvailable: Bool { unsafe zmq_has("curve") != 0 }

    /// A new pair of keys.
    public static func makePair() throws(ZeroMQError) -> (publicKey: String, secretKey: String) {
        var publicKey = [CChar](repeating: 0, count: textLength + 1)
        var secretKey = publicKey
        guard unsafe zmq_curve_keypair(&publicKey, &secretKey) == 0 else { throw ZeroMQError("zmq_curve_keypair") }
        return (text(publicKey), text(secretKey))
    }

    /// The public half of the pair to which `secretKey` belongs; nil when that is no key.
    public static func publicKey(of secretKey: String) -> String? {
        guard isKey(secretKey) else { return nil }
        var publicKey = [CChar](repeating: 0, count: textLength + 1)
        guard unsafe zmq_curve_public(&publicKey, secretKey) == 0 else { return nil }
        return text(publicKey)
    }

    /// Whether `text` has a key's form. Any 32 bytes are a key.
    public static func isKey(_ text: String) -> Bool {
        guard text.utf8.count == textLength, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
        var bytes = [UInt8](repeating: 0, count: byteCount)
        return unsafe zmq_z85_decode(&bytes, text) != nil
    }

    /// The text of a key's bytes; nil unless there are 32.
    public static func text(of bytes: RawSpan) -> String? {
        guard bytes.byteCount == byteCount else { return nil }
        var characters = [CChar](repeating: 0, count: textLength + 1)
        let result = unsafe bytes.withUnsafeBytes { source in
            unsafe zmq_z85_encode(
                &characters, source.baseAddress?.assumingMemoryBound(to: UInt8.self), byteCount)
        }
        return unsafe result == nil ? nil : text(characters)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
