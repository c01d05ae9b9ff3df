import Core
import Testing

struct ByteStringTests {
    @Test("strings that look alike and differ in bytes are two, in sets and in order; String has them as one")
    func bytes() {
        let (composed, decomposed) = ("\u{E9}", "e\u{301}")
        #expect(composed == decomposed)
        #expect(ByteString(composed) != ByteString(decomposed))
        #expect(Set([composed, decomposed].map { ByteString($0) }).count == 2)
        #expect(ByteString(decomposed) < ByteString(composed) && !(ByteString(composed) < ByteString(decomposed)))
        #expect(Passage(id: composed, title: "", text: "x") != Passage(id: decomposed, title: "", text: "x"))
        #expect(MetadataValue.strings([composed]) != .strings([decomposed]))
    }

    @Test("equal strings have equal hashes, whatever their length")
    func hashes() {
        for length in 0...33 {
            let text = String(repeating: "x", count: length)
            #expect(ByteString(text).hashValue == ByteString(String(text.reversed())).hashValue)
            #expect(ByteString(text) != ByteString(text + "\0"))
        }
    }
}
