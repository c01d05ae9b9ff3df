import Core
import Messaging
import TestSupport
import Wire
import ZeroMQ

@testable import Client

/// Readers of what arrives on sockets.
enum MessageReaders {
    private static let limit = 1 << 20

    static func envelope(_ bytes: [UInt8]) throws(ImpRAGError) -> Bool {
        let envelope: Envelope
        do throws(DecodingFailure) {
            envelope = try Envelope(decoding: bytes, limit: limit)
        } catch {
            throw ImpRAGError(.invalidArgument, error.message)
        }
        // Compared as bytes: a number that is NaN does not equal itself.
        let again = try? Envelope(decoding: envelope.encoded()).encoded()
        precondition(again == envelope.encoded(), "\(envelope) is not what is read back")
        for description in envelope.tensors.prefix(4) where description.byteCount <= limit {
            try tensor(description, filledWith: bytes)
        }
        return true
    }

    /// Reads a received tensor with every accessor: all but one have to refuse it.
    private static func tensor(_ description: TensorDescription, filledWith bytes: [UInt8]) throws(ImpRAGError) {
        let content = (0..<description.byteCount).map { bytes[$0 % bytes.count] }
        let frame: Frame
        do {
            frame = Frame(try unsafe Message(copying: content.span.bytes))
        } catch {
            throw ImpRAGError(.resourceExhausted, "no memory for \(description)")
        }
        let tensor = Tensor(description: description, frame: frame)
        let shape: [Int?] = description.shape.map { $0 }
        let count = description.byteCount / description.dataType.byteCount
        let counts = [
            (try? tensor.floats("it", shape: shape))?.count, (try? tensor.halves("it", shape: shape))?.count,
            (try? tensor.integers("it", shape: shape))?.count, (try? tensor.bytes("it"))?.count,
        ]
        precondition(counts.allSatisfy { $0 == nil || $0 == count }, "\(description) has \(counts) numbers")
    }

    /// An envelope that is a search whose filter is `bytes`: its field 17, of that 4 (the options), of those 5, all of
    /// wire type 2.
    private static func search(filter bytes: [UInt8]) -> [UInt8] {
        func field(_ key: [UInt8], _ content: [UInt8]) -> [UInt8] { key + varint(content.count) + content }
        let options = field([filterField << 3 | 2], bytes)
        return [0x08, 1, 0x10, 5, 0x18, 100] + field([0x8A, 0x01], field([4 << 3 | 2], options))
    }

    /// The number of `SearchOptions.filter`.
    private static let filterField: UInt8 = 5

    private static func varint(_ number: Int) -> [UInt8] {
        number < 0x80 ? [UInt8(number)] : [UInt8(number & 0x7F) | 0x80] + varint(number >> 7)
    }

    static func filter(_ bytes: [UInt8]) throws(ImpRAGError) -> Bool { try envelope(search(filter: bytes)) }

    static func filterText(_ bytes: [UInt8]) throws(ImpRAGError) -> Bool {
        _ = try FilterText.parse(String(decoding: bytes, as: UTF8.self))
        return true
    }

    static func receipt(_ bytes: [UInt8]) throws(ImpRAGError) -> Bool {
        guard case .object(var fields) = try JSONScanner.value(.file("it"), bytes: bytes) else {
            return (try AnswerReceipt(bytes, name: "it")).tokens.isEmpty
        }
        fields["checksum"] = .string(AnswerReceipt.checksum(of: fields))
        let receipt = try AnswerReceipt(Array(JSONValue.object(fields).canonicalText.utf8), name: "it")
        let again = try AnswerReceipt(Array(receipt.text.utf8), name: "it")
        precondition(again == receipt, "\(receipt) is written as \(again)")
        precondition(receipt.differences(from: again).isEmpty)
        return true
    }

    // MARK: Seeds

    static func receiptSeeds() throws -> [[UInt8]] {
        var random = RandomMessages(seed: 3)
        var seeds: [[UInt8]] = []
        while seeds.count < 8 {
            guard case .request(.ask(let ask)) = random.envelope().body else { continue }
            var sources: AskSources?
            while sources == nil {
                if case .reply(.sources(let found)) = random.envelope().body { sources = found }
            }
            while true {
                guard case .reply(.askDone(let done)) = random.envelope().body, done.record != nil else { continue }
                let receipt = try AnswerReceipt(
                    asked: ask, sources, "Lima", [AnswerToken(text: "Lima", token: 7, logprob: 0)], done)
                seeds.append(Array(receipt.text.utf8))
                break
            }
        }
        // Random numbers are beyond what a receipt holds: NaN, negative counts.
        return seeds.filter { (try? AnswerReceipt($0, name: "it")) != nil }
    }

    static func envelopeSeeds() -> [[UInt8]] {
        var random = RandomMessages(seed: 7)
        var seeds: [[UInt8]] = []
        // Every kind of body, whatever the numbers of the kinds are.
        var kinds: Set<String> = []
        for _ in 0..<2000 {
            let envelope = random.envelope()
            let kind =
                switch envelope.body {
                case .request(let request): request.name
                case .reply(let reply): reply.name
                }
            let bytes = envelope.encoded()
            if bytes.count < 600, kinds.insert(kind).inserted { seeds.append(bytes) }
        }
        return seeds
    }

    /// The filters of random searches, cut out of their envelopes.
    static func filterSeeds() -> [[UInt8]] {
        var random = RandomMessages(seed: 8)
        var seeds: [[UInt8]] = []
        for _ in 0..<2000 where seeds.count < 8 {
            guard case .request(.search(let request)) = random.envelope().body, let filter = request.options.filter
            else { continue }
            let alone = Envelope(
                requestID: 5, deadlineMilliseconds: 100,
                body: .request(.search(SearchRequest(prompt: "", options: SearchOptions(filter: filter)))))
            let bytes = alone.encoded()
            // What stands around the filter has one length for every filter of one length.
            let cut = (0..<bytes.count).first { search(filter: Array(bytes[$0...])) == bytes }
            if let cut, bytes.count - cut < 400 { seeds.append(Array(bytes[cut...])) }
        }
        return seeds
    }

    static let filterTextSeeds = [
        #"{"field": "lang", "equals": "en"}"#,
        #"{"field": "lang", "in": ["en", "de", 7]}"#,
        #"{"field": "year", "at_least": 1990, "below": 2000.5}"#,
        #"{"all": [{"field": "year", "above": -1e3}, {"any": [{"not": {"field": "a\u00e9", "equals": 9007199254740993}}]}]}"#,
    ].map { Array($0.utf8) }
}
