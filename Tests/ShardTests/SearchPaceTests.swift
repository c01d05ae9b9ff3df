import Core
import Testing
import Wire

@testable import Shard

/// Which searches a shard answers at once.
struct SearchPaceTests {
    private let pace = SearchPace(limit: .milliseconds(1))
    private let plain = ShardSearchRequest(k: 10)

    @Test("nothing is answered at once before something was measured, or while others run")
    func running() {
        #expect(!pace.allows(plain))
        pace.record(.microseconds(300))
        #expect(pace.allows(plain))
        pace.began()
        pace.began()
        pace.ended()
        #expect(!pace.allows(plain))
        pace.ended()
        #expect(pace.allows(plain))
    }

    @Test("one slow search sends the next ones to the search threads, until they are fast again")
    func slow() {
        pace.record(.microseconds(300))
        pace.record(.milliseconds(20))
        #expect(!pace.allows(plain))
        for _ in 0..<20 { pace.record(.microseconds(300)) }
        #expect(pace.allows(plain))
        for _ in 0..<20 { pace.record(.milliseconds(2)) }
        #expect(!pace.allows(plain))
    }

    @Test("what costs more than a plain search is never answered at once")
    func special() {
        pace.record(.microseconds(1))
        for options in [
            SearchOptions(isExact: true), SearchOptions(recall: 0.99), SearchOptions(probes: 8),
            SearchOptions(candidates: 9), SearchOptions(filter: .equals(field: "lang", .string("de"))),
        ] {
            #expect(!pace.allows(ShardSearchRequest(k: 10, options: options)))
        }
        #expect(!pace.allows(ShardSearchRequest(k: 10, words: WordsQuery(text: "a", count: 10))))
        #expect(!pace.allows(ShardSearchRequest(k: 1000)))
        #expect(pace.allows(ShardSearchRequest(k: 10, options: SearchOptions(minEpoch: 3))))
        #expect(!pace.isMeasured(by: plain, queries: 2))
    }

    @Test("where the limit is zero, nothing is answered at once")
    func zero() {
        let pace = SearchPace(limit: .zero)
        pace.record(.zero)
        #expect(!pace.allows(plain))
    }
}
