import Platform
import Testing

@Suite struct SHA256Tests {
    @Test("digests are those of FIPS 180-4, in one piece or in many")
    func knownDigests() {
        #expect(hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(hex([Array("abc".utf8)]) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(hex([[0x61], [], [0x62, 0x63]]) == hex([Array("abc".utf8)]))
        let million = [UInt8](repeating: 0x61, count: 1000)
        #expect(
            hex([[UInt8]](repeating: million, count: 1000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    private func hex(_ pieces: [[UInt8]]) -> String {
        var hash = SHA256()
        for piece in pieces { hash.update(piece) }
        let digits = Array("0123456789abcdef")
        return String(hash.finish().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
