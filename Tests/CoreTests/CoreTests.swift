import Core
import TestSupport
import Testing

struct CoreTests {
    @Test(
        "byte counts print with the largest unit that keeps them at one or more",
        arguments: [
            (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (13_002_342, "12.4 MiB"),
            (5 << 40, "5.0 TiB"),
        ])
    func byteCounts(bytes: Int, text: String) {
        #expect(ByteCount(bytes).description == text)
    }

    @Test("a product of bytes beyond counting saturates instead of trapping")
    func byteProducts() {
        #expect(ByteCount.product(1 << 40, 1 << 40, 4) == ByteCount(.max))
        #expect(ByteCount.product(3, 5) == ByteCount(15))
    }

    @Test("a fingerprint survives the way to hexadecimal and back")
    func fingerprintRoundTrip() throws {
        var random = SeededGenerator(seed: 1)
        let fingerprint = try #require(
            Fingerprint(bytes: (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }))
        #expect(Fingerprint(hex: fingerprint.description) == fingerprint)
        #expect(Fingerprint(hex: fingerprint.description.uppercased()) == fingerprint)
        #expect(Fingerprint(hex: String(fingerprint.description.dropLast())) == nil)
        #expect(Fingerprint(hex: "g" + fingerprint.description.dropFirst()) == nil)
    }

    @Test("a foreign fingerprint is refused with both in the message")
    func foreignFingerprint() throws {
        let ours = try #require(Fingerprint(bytes: Array(repeating: 1, count: 32)))
        let theirs = try #require(Fingerprint(bytes: Array(repeating: 2, count: 32)))
        let error = #expect(throws: ImpRAGError.self) { try ours.require(theirs, in: "shard-0") }
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains(ours.description) == true)
        #expect(error?.message.contains(theirs.description) == true)
    }

    @Test("bfloat16 rounds to nearest, ties to even, and keeps what is not a number")
    func bfloat16() {
        #expect(BFloat16(1.0).bits == 0x3F80)
        #expect(BFloat16(Float(bitPattern: 0x3F80_8000)).bits == 0x3F80)
        #expect(BFloat16(Float(bitPattern: 0x3F81_8000)).bits == 0x3F82)
        #expect(BFloat16(Float.nan).float.isNaN)
        #expect(BFloat16(Float.infinity).float == .infinity)
        #expect(BFloat16(-2.5).float == -2.5)
    }

    @Test("a deadline counts down to zero and then has passed")
    func deadline() {
        let far = Deadline.after(milliseconds: 60_000)
        #expect(far.remainingMilliseconds > 59_000 && far.remainingMilliseconds <= 60_000)
        #expect(!far.hasPassed)
        let past = Deadline.after(milliseconds: -1)
        #expect(past.remainingMilliseconds == 0)
        #expect(throws: ImpRAGError.self) { try past.check("test") }
    }

    @Test("the nearest name is at most two edits away, and never all edits")
    func nearest() {
        #expect(nearestName(to: "modle", among: ["model", "node"]) == "model")
        #expect(nearestName(to: "shrad-0", among: ["shard-0", "shard-1"]) == "shard-0")
        #expect(nearestName(to: "xyz", among: ["model", "node"]) == nil)
        #expect(nearestName(to: "z", among: ["k"]) == nil)
        #expect(nearestName(to: "x", among: []) == nil)
    }
}
