import Core
import Messaging
import Synchronization

/// What is left of one key's requests and tokens of this minute, in this gateway. Any thread may use it.
final class Allowance: Sendable {
    private struct State {
        var requests: Bucket?
        var tokens: Bucket?
    }

    let limits: KeyLimits
    private let name: String
    private let clock: any Clock
    private let state: Mutex<State>

    init(of key: BearerKey, clock: any Clock) {
        limits = key.limits
        name = key.name
        self.clock = clock
        let now = clock.now
        state = Mutex(
            State(
                requests: limits.requestsPerMinute.map { Bucket(perMinute: $0, at: now) },
                tokens: limits.tokensPerMinute.map { Bucket(perMinute: $0, at: now) }))
    }

    /// Takes a request. Throws 429 where there is none, or a token is owed.
    ///
    /// - Parameter needsTokens: whether it costs tokens, too, as it turns out.
    func begin(needsTokens: Bool) throws(GatewayFailure) {
        let now = clock.now
        let refusal = state.withLock { state -> (noun: String, limit: Int, wait: Duration)? in
            if let requests = state.requests, requests.whole(at: now) < 1 {
                return ("requests", requests.capacity, requests.wait(for: 1, at: now))
            }
            if needsTokens, let tokens = state.tokens, tokens.whole(at: now) < 1 {
                return ("tokens", tokens.capacity, tokens.wait(for: 1, at: now))
            }
            state.requests?.take(1, at: now)
            return nil
        }
        guard let refusal else { return }
        let seconds = Self.seconds(refusal.wait)
        throw GatewayFailure(
            ImpRAGError(
                .resourceExhausted,
                "the key \"\(name)\" has \(refusal.limit) \(refusal.noun) a minute; try again in \(seconds) s"),
            headers: ["Retry-After": String(seconds)])
    }

    /// Takes tokens, or gives some back that were taken for a guess.
    func charge(_ tokens: Int) {
        guard tokens != 0 else { return }
        let now = clock.now
        state.withLock { $0.tokens?.take(tokens, at: now) }
    }

    /// What there is, as OpenAI's clients read it.
    var headers: [String: String] {
        let now = clock.now
        let state = state.withLock(\.self)
        var headers: [String: String] = [:]
        for (name, bucket) in [("requests", state.requests), ("tokens", state.tokens)] {
            guard let bucket else { continue }
            headers["x-ratelimit-limit-\(name)"] = String(bucket.capacity)
            headers["x-ratelimit-remaining-\(name)"] = String(max(0, bucket.whole(at: now)))
            let full = bucket.wait(for: bucket.capacity, at: now)
            headers["x-ratelimit-reset-\(name)"] = full == .zero ? "0s" : "\(Self.seconds(full))s"
        }
        return headers
    }

    /// At least one.
    private static func seconds(_ duration: Duration) -> Int { max(1, Int((duration / .seconds(1)).rounded(.up))) }
}
