import Core
import Testing

@Suite struct PassageLimitsTests {
    @Test("a passage that an index can hold has no problems, and every fault of another is listed")
    func problems() {
        #expect(Passage(id: "a", title: "", text: "t", metadata: ["year": .number(1990)]).problems.isEmpty)
        let bad = Passage(
            id: String(repeating: "i", count: 4097), title: String(repeating: "t", count: 300 << 10), text: "\n\t",
            metadata: ["": .string("x")])
        #expect(bad.problems.count == 4, "\(bad.problems)")
        #expect(Passage(id: "", title: "T", text: "t").problems == ["its id is empty"])
    }

    @Test("the size of a passage counts every string that it carries")
    func size() {
        let plain = Passage(id: "a", title: "bc", text: "def")
        let rich = Passage(
            id: "a", title: "bc", text: "def",
            metadata: ["k": .string(String(repeating: "x", count: 1000)), "l": .strings(["yy", "zz"])])
        #expect(plain.byteCount >= 6)
        #expect(rich.byteCount >= plain.byteCount + 1000 + 4 + 2)
    }
}
