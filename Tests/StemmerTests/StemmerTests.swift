import Stemmer
import Testing

struct StemmerTests {
    private struct Missing: Error {}

    private static func stem(_ word: String) throws -> String {
        guard var stemmer = Stemmer("porter") else { throw Missing() }
        var bytes = Array(word.utf8)
        stemmer.stem(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(
        "words of one stem become one",
        arguments: [
            ("caresses", "caress"), ("relational", "relat"), ("hopping", "hop"), ("generalizations", "gener"),
            ("sky", "sky"),
        ])
    func stems(word: String, stem: String) throws {
        #expect(try Self.stem(word) == stem)
    }

    @Test("an algorithm that there is not gives no stemmer")
    func unknown() {
        let isThere = Stemmer("no such algorithm") != nil
        #expect(!isThere)
    }

    @Test("no bytes stay no bytes")
    func empty() throws {
        #expect(try Self.stem("") == "")
    }
}
