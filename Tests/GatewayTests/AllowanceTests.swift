import Client
import Core
import HTTPServer
import Messaging
import Testing
import Wire

@testable import Gateway

/// What a key may ask for in a minute.
struct AllowanceTests {
    private let clock = HandClock()

    private func allowance(_ requests: Int?, _ tokens: Int?) -> Allowance {
        let limits = KeyLimits(requestsPerMinute: requests, tokensPerMinute: tokens)
        return Allowance(of: BearerKey(name: "a", role: .read, digest: "", created: "", limits: limits), clock: clock)
    }

    private func refusal(_ allowance: Allowance, needsTokens: Bool = true) -> HTTPServerResponse? {
        do throws(GatewayFailure) {
            try allowance.begin(needsTokens: needsTokens)
            return nil
        } catch {
            return error.response
        }
    }

    @Test("a minute's requests may come at once, then one as often as they fill up; the refusal says when")
    func requests() {
        let allowance = allowance(6, nil)
        for _ in 0..<6 { #expect(refusal(allowance) == nil) }
        let refused = refusal(allowance)
        #expect(refused?.status == 429 && refused?.headers["Retry-After"] == "10")
        #expect(allowance.headers["x-ratelimit-limit-requests"] == "6")
        #expect(allowance.headers["x-ratelimit-remaining-requests"] == "0")
        #expect(allowance.headers["x-ratelimit-reset-requests"] == "60s")
        #expect(allowance.headers["x-ratelimit-limit-tokens"] == nil)
        clock.advance(by: .milliseconds(9999))
        #expect(refusal(allowance)?.headers["Retry-After"] == "1")
        clock.advance(by: .milliseconds(2))
        #expect(refusal(allowance) == nil && refusal(allowance) != nil)
        // What is not used is not saved beyond a minute's.
        clock.advance(by: .seconds(3600))
        #expect(allowance.headers["x-ratelimit-remaining-requests"] == "6")
        #expect(allowance.headers["x-ratelimit-reset-requests"] == "0s")
    }

    @Test("tokens may be owed, which is waited for; what costs none is not refused for them")
    func tokens() {
        let allowance = allowance(nil, 60)
        #expect(refusal(allowance) == nil)
        allowance.charge(90)
        let refused = refusal(allowance)
        #expect(refused?.status == 429 && refused?.headers["Retry-After"] == "31")
        #expect(refusal(allowance, needsTokens: false) == nil)
        #expect(allowance.headers["x-ratelimit-remaining-tokens"] == "0")
        allowance.charge(-40)
        #expect(allowance.headers["x-ratelimit-remaining-tokens"] == "10")
        #expect(refusal(allowance) == nil)
    }

    @Test("without limits nothing is counted, and nothing said")
    func none() {
        let allowance = allowance(nil, nil)
        for _ in 0..<1000 { #expect(refusal(allowance) == nil) }
        allowance.charge(1 << 40)
        #expect(refusal(allowance) == nil && allowance.headers.isEmpty)
    }

    @Test("an answer is charged as it comes, its prompt by a guess until it is known, and in the end by what it was")
    func account() throws {
        let allowance = allowance(nil, 1000)
        func left() -> String? { allowance.headers["x-ratelimit-remaining-tokens"] }
        var account = TokenAccount(AskRequest(prompt: String(repeating: "a", count: 400)), allowance)
        #expect(left() == "900")
        for token in [1, nil, 2] as [Int32?] {
            account.count(.token(AnswerToken(text: "a", token: token, logprob: 0)))
        }
        #expect(left() == "898")
        account.count(
            .done(
                AskDone(
                    end: .stop, passageAttention: [], promptTokenCount: 50, generatedTokenCount: 3, timings: Timings(),
                    completeness: Completeness(
                        shards: [], passagesSearched: 1, passagesTotal: 1, isComplete: true))))
        #expect(left() == "947")
    }

    @Test("texts to embed are charged by a guess, then by what was read, and not when nothing was")
    func texts() {
        let allowance = allowance(nil, 1000)
        func left() -> String? { allowance.headers["x-ratelimit-remaining-tokens"] }
        var account = TokenAccount([String(repeating: "a", count: 399), "b"], allowance)
        #expect(left() == "900")
        account.count(read: 250)
        #expect(left() == "750")
        account = TokenAccount(["abc"], allowance)
        #expect(left() == "749")
        account.count(read: 0)
        #expect(left() == "750")
    }
}
