import Core
import Foundation

/// Fields of the v3 JSON gateway: bytes are base64, 64-bit numbers are texts, and what has its default value is left
/// out.
enum EtcdMessage {
    static func bytes(_ text: String) -> JSONValue { bytes(Array(text.utf8)) }

    static func bytes(_ bytes: [UInt8]) -> JSONValue { .string(Data(bytes).base64EncodedString()) }

    static func number(_ number: Int) -> JSONValue { .string(String(number)) }

    static func object(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(Dictionary(members.map { (ByteString($0.key), $0.value) }) { first, _ in first })
    }

    static func encode(_ body: JSONValue) throws(ImpRAGError) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(body))
        } catch {
            throw ImpRAGError(.internal, "a request to etcd cannot be written as JSON", cause: error)
        }
    }

    /// The first key that does not begin with `prefix`, as a request's `range_end`.
    static func end(of prefix: String) -> [UInt8] {
        var end = Array(prefix.utf8)
        while let last = end.last, last == 0xFF { end.removeLast() }
        guard let last = end.popLast() else { return [0] }
        return end + [last + 1]
    }
}

extension JSONField {
    /// A 64-bit number; 0 when it is absent.
    func etcdNumber(_ key: String) throws(ImpRAGError) -> Int {
        guard let field = try optional(key) else { return 0 }
        if case .string(let text) = field.value {
            guard let number = Int(text) else { throw field.failure("must be a whole number of at most 64 bits") }
            return number
        }
        return try field.integer()
    }

    /// Bytes; none when they are absent.
    func etcdBytes(_ key: String) throws(ImpRAGError) -> [UInt8] {
        guard let field = try optional(key) else { return [] }
        guard let data = Data(base64Encoded: try field.string()) else { throw field.failure("must be base64") }
        return Array(data)
    }

    func etcdPair() throws(ImpRAGError) -> EtcdPair {
        EtcdPair(
            key: String(decoding: try etcdBytes("key"), as: UTF8.self), value: try etcdBytes("value"),
            modRevision: try etcdNumber("mod_revision"), lease: try etcdNumber("lease"))
    }

    func etcdPairs() throws(ImpRAGError) -> [EtcdPair] {
        var pairs: [EtcdPair] = []
        for field in try optional("kvs")?.elements() ?? [] { pairs.append(try field.etcdPair()) }
        return pairs
    }

    /// The revision of etcd when it answered.
    func etcdRevision() throws(ImpRAGError) -> Int {
        try optional("header")?.etcdNumber("revision") ?? 0
    }
}
