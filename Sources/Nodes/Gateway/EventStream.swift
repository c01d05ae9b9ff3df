import Core
import HTTPServer
import Platform
import Synchronization

/// Server-sent events of one answer. It begins with the first of them, so that what fails before is an answer with a
/// status.
final class EventStream: Sendable {
    private struct State {
        var hasBegun = false
        var lastSent: ContinuousClock.Instant
        var hasEnded = false
    }

    private let responder: HTTPResponder
    private let clock: any Clock
    private let state: Mutex<State>

    /// How long nothing may be sent: proxies close connections that are silent for longer.
    static let silence = Duration.seconds(10)

    init(_ responder: HTTPResponder, clock: any Clock) {
        self.responder = responder
        self.clock = clock
        state = Mutex(State(lastSent: clock.now))
    }

    var hasBegun: Bool { state.withLock { $0.hasBegun } }

    /// Sends an event. False when nobody takes it any more.
    func send(_ data: String) -> Bool {
        write("data: \(data)\n\n", ifSilentFor: .zero)
    }

    func finish() {
        state.withLock { $0.hasEnded = true }
        responder.finish()
    }

    /// Sends a comment whenever nothing else was sent for a while, until the task is cancelled.
    func keepAlive() async {
        while !Task.isCancelled {
            try? await clock.sleep(until: clock.now + Self.silence / 10)
            guard !Task.isCancelled, write(": keep-alive\n\n", ifSilentFor: Self.silence) else { return }
        }
    }

    private func write(_ text: String, ifSilentFor silence: Duration) -> Bool {
        state.withLock { state in
            let now = clock.now
            guard !state.hasEnded else { return false }
            guard now - state.lastSent >= silence else { return true }
            state.lastSent = now
            guard state.hasBegun else {
                state.hasBegun = true
                let headers = [
                    "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache",
                    "X-Accel-Buffering": "no",
                ]
                return responder.stream(status: 200, headers: headers, Array(text.utf8))
            }
            return responder.send(Array(text.utf8)) == .accepted
        }
    }
}
