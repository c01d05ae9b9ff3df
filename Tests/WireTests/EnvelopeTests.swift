import CWire
import Core
import TestSupport
import Testing

@testable import Wire

@Suite struct EnvelopeTests {
    @Test("what is encoded is decoded again, for every kind of message")
    func roundTrip() throws {
        var random = RandomMessages(seed: 1)
        for _ in 0..<1000 {
            let envelope = random.envelope()
            #expect(try Envelope(decoding: envelope.encoded()) == envelope)
        }
    }

    @Test("a text with a NUL inside arrives whole")
    func embeddedNUL() throws {
        let envelope = Envelope(requestID: 1, body: .request(.ask(AskRequest(prompt: "a\u{0}b"))))
        guard case .request(.ask(let ask)) = try Envelope(decoding: envelope.encoded()).body else {
            Issue.record("another body came back")
            return
        }
        #expect(Array(ask.prompt.utf8) == [0x61, 0, 0x62])
    }

    @Test("another protocol version is refused with both numbers, and the request can be answered")
    func otherVersion() throws {
        // Field 1 = 7, field 2 = 5, and a field 16 that our version could not unpack.
        let bytes: [UInt8] = [0x08, 7, 0x10, 5, 0x82, 0x01, 1, 0xFF]
        let failure = #expect(throws: DecodingFailure.self) { try Envelope(decoding: bytes) }
        #expect(failure?.requestID == 5)
        #expect(failure?.isReply == false)
        #expect(failure?.message == "the message has protocol version 7; this node speaks 1")
    }

    /// 2^62 + 1 as a varint.
    private static let beyond: [UInt8] = [0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40]

    @Test(
        "what is not an envelope of ours is refused with a sentence about it",
        arguments: [
            ([], "no protocol_version"),
            ([0xFF, 0xFF], "no protocol_version"),
            ([0x08, 1, 0x10, 5], "no body"),
            // An unknown body only.
            ([0x08, 1, 0x10, 5, 0xBA, 0x06, 0], "no body"),
            // ask { prompt: FF }
            ([0x08, 1, 0x82, 0x01, 3, 0x0A, 1, 0xFF], "UTF-8"),
            // ask { completeness: 9 }
            ([0x08, 1, 0x82, 0x01, 2, 0x28, 9], "completeness is 9"),
            // ping with a fingerprint of one byte
            ([0x08, 1, 0x22, 1, 0, 0xA2, 0x01, 0], "32"),
            // ping with one tensor whose type is unspecified
            ([0x08, 1, 0x2A, 0, 0xA2, 0x01, 0], "data_type is 0"),
            // failure whose code is unspecified
            ([0x08, 1, 0x82, 0x02, 0], "code is 0"),
            // fetch_states {}
            ([0x08, 1, 0xDA, 0x01, 0], "one key at least"),
            // fetch_states { keys: 01 }
            ([0x08, 1, 0xDA, 0x01, 3, 0x0A, 1, 1], "keys[0] has 1 bytes; a key has 32"),
            // store_states { keys: "" }
            ([0x08, 1, 0xE2, 0x01, 2, 0x0A, 0], "keys[0] has 0 bytes; a key has 32"),
            // store_states with 257 keys of one byte, which are too many before they are too short
            (
                [0x08, 1, 0xE2, 0x01, 0x83, 0x06] + (0..<257).flatMap { _ in [0x0A, 1, 1] },
                "has 257 entries; 256 are allowed"
            ),
            // fetch_states_reply { presence: 9 }
            ([0x08, 1, 0xDA, 0x02, 3, 0x0A, 1, 9], "presence is 9"),
            // shard_upsert {} and shard_delete {}, which there are no more
            ([0x08, 1, 0x10, 5, 0xCA, 0x01, 0], "no body"),
            ([0x08, 1, 0x10, 5, 0xD2, 0x01, 0], "no body"),
            // upsert { wait: 9 } and delete { wait: 9 }
            ([0x08, 1, 0xBA, 0x01, 2, 0x10, 9], "upsert_request.wait is 9"),
            ([0x08, 1, 0xC2, 0x01, 2, 0x10, 9], "delete_request.wait is 9"),
            // apply {}
            ([0x08, 1, 0xEA, 0x01, 0], "apply_request.epoch is 0; a log's epochs begin at 1"),
            // apply, and search { options { min_epoch } }, with one more than 2^62
            (
                [0x08, 1, 0xEA, 0x01, 10, 0x08] + beyond,
                "apply_request.epoch is 4611686018427387905; an epoch is at most"
            ),
            (
                [0x08, 1, 0x8A, 0x01, 12, 0x22, 10, 0x30] + beyond,
                "search_options.min_epoch is 4611686018427387905; an epoch is at most 4611686018427387904"
            ),
            // embed {} and embed { texts: FF role: 1 }
            ([0x08, 1, 0xF2, 0x01, 0], "embed_request.role is 0"),
            ([0x08, 1, 0xF2, 0x01, 5, 0x0A, 1, 0xFF, 0x10, 1], "embed_request.texts is not UTF-8"),
            // embed_reply { tokens: 1 }
            ([0x08, 1, 0xF2, 0x02, 3, 0x0A, 1, 1], "of 1 texts by tokens, and of 0 by cut"),
            // token with 22 alternatives
            (
                [0x08, 1, 0x92, 0x02, 44] + (0..<22).flatMap { _ in [0x32, 0] as [UInt8] },
                "token.alternatives has 22 entries; 21 are allowed"
            ),
            // A length beyond the end.
            ([0x08, 1, 0x82, 0x01, 100, 0x0A], "not a protobuf"),
        ] as [([UInt8], String)])
    func malformed(bytes: [UInt8], expected: String) {
        let failure = #expect(throws: DecodingFailure.self) { try Envelope(decoding: bytes) }
        #expect(failure?.message.contains(expected) == true, "\(failure?.message ?? "")")
    }

    @Test(
        "a metric that cannot be is refused by name",
        arguments: [
            (MetricSample("Requests", .counter(1)), "'Requests' is no name"),
            (MetricSample(String(repeating: "a", count: 129), .counter(1)), "at most 128"),
            (MetricSample("a_ratio", .gauge(.infinity)), "gauge of a_ratio is inf"),
            (MetricSample("a", labels: [MetricLabel("p", "1"), MetricLabel("p", "2")], .gauge(1)), "label p twice"),
            (
                MetricSample("a", labels: [MetricLabel("p", String(repeating: "é", count: 65))], .gauge(1)),
                "130 bytes; 128 are allowed"
            ),
            (
                MetricSample("a", labels: (0..<9).map { MetricLabel("p_\($0)", "") }, .gauge(1)),
                "metric_sample.labels has 9 entries; 8 are allowed"
            ),
        ] as [(MetricSample, String)])
    func malformedMetric(sample: MetricSample, expected: String) {
        let status = NodeStatus(name: "a", role: .shard, state: .ready, samples: [sample])
        let envelope = Envelope(requestID: 1, body: .reply(.status(StatusReply(nodes: [status]))))
        let failure = #expect(throws: DecodingFailure.self) { try Envelope(decoding: envelope.encoded()) }
        #expect(failure?.message.contains(expected) == true, "\(failure?.message ?? "")")
    }

    @Test("a node with too many metrics is refused")
    func manyMetrics() {
        let sample = MetricSample("imprag_requests_total", .counter(1))
        let status = NodeStatus(
            name: "a", role: .shard, state: .ready, samples: Array(repeating: sample, count: 4097))
        let envelope = Envelope(requestID: 1, body: .reply(.status(StatusReply(nodes: [status]))))
        let failure = #expect(throws: DecodingFailure.self) { try Envelope(decoding: envelope.encoded()) }
        #expect(failure?.message.contains("4097 entries; 4096 are allowed") == true)
    }

    @Test(
        "a histogram that cannot be, and a metric without a value, are refused",
        arguments: [
            // metric_sample { name: "a" }
            ([0x0A, 1, 0x61], "has no value for a"),
            // metric_sample { name: "a" histogram { counts: [2, 1] } }, whose bound is missing
            ([0x0A, 1, 0x61, 0x2A, 4, 0x12, 2, 2, 1], "0 bounds and 2 counts"),
            // metric_sample { name: "a" histogram {} }
            ([0x0A, 1, 0x61, 0x2A, 0], "0 bounds and 0 counts"),
        ] as [([UInt8], String)])
    func malformedValue(sample: [UInt8], expected: String) {
        // status_reply { nodes { role: shard state: ready samples } }
        let node = [0x10, 1, 0x18, 2, 0xA2, 0x01, UInt8(sample.count)] + sample
        let reply = [0x0A, UInt8(node.count)] + node
        let bytes = [0x08, 1, 0xAA, 0x02, UInt8(reply.count)] + reply
        let failure = #expect(throws: DecodingFailure.self) { try Envelope(decoding: bytes) }
        #expect(failure?.message.contains(expected) == true, "\(failure?.message ?? "")")
    }

    @Test("an envelope over the size limit is refused unread")
    func oversized() {
        let bytes = Envelope(requestID: 1, body: .request(.ping)).encoded()
        #expect(throws: DecodingFailure.self) { try Envelope(decoding: bytes, limit: bytes.count - 1) }
        #expect(throws: Never.self) { try Envelope(decoding: bytes, limit: bytes.count) }
    }

    @Test("a message made of a million empty parts is refused, not unpacked into a hundred times its size")
    func amplification() {
        var bytes: [UInt8] = [0x08, 1, 0xB2, 0x02, 0x80, 0x80, 0x7A]  // status_reply with 2 000 000 bytes …
        for _ in 0..<1_000_000 { bytes += [0x0A, 0x00] }  // … of empty nodes
        let failure = #expect(throws: DecodingFailure.self) { try Envelope(decoding: bytes) }
        #expect(failure != nil)
    }

    @Test("random, truncated and damaged bytes never crash, and what decodes encodes again")
    func fuzz() throws {
        var random = RandomMessages(seed: 2)
        var accepted = 0
        for _ in 0..<5000 {
            var bytes = random.envelope().encoded()
            switch Int.random(in: 0..<4, using: &random.random) {
            case 0: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random.random))
            case 1:
                for _ in 0...random.count() {
                    bytes[Int.random(in: 0..<bytes.count, using: &random.random)] ^= 1 << UInt8(random.count(7))
                }
            case 2:
                let start = Int.random(in: 0..<bytes.count, using: &random.random)
                bytes.replaceSubrange(start..., with: random.envelope().encoded().shuffled(using: &random.random))
            default: bytes = (0..<random.count(300)).map { _ in UInt8.random(in: 0...255, using: &random.random) }
            }
            guard let envelope = try? Envelope(decoding: bytes) else { continue }
            accepted += 1
            _ = envelope.encoded()
        }
        #expect(accepted > 0)
    }
}
