public import Core
import Synchronization

/// Runs rounds of work on one thread for as long as there is something to do. Each round is a job of its own, not a
/// turn of a loop, so that other jobs get their turn in between.
public final class Rounds: Sendable {
    private struct State {
        /// Nil before `start`.
        var round: (@Sendable () -> Bool)?
        /// A round is running or scheduled.
        var isBusy = false
        /// Work has arrived since the round began.
        var isWanted = false
        var isClosed = false
    }

    private let thread: any Workers
    private let clock: any Clock
    private let state = Mutex(State())

    /// - Parameter thread: a single thread, with room for one queued job, that nobody else uses.
    public init(on thread: any Workers, clock: any Clock) {
        self.thread = thread
        self.clock = clock
    }

    /// Says what a round is, once and before the first `wake`: the owner's last step in making itself.
    ///
    /// - Parameter round: returns whether another one is needed. Retained, so it must capture the owner weakly.
    public func start(_ round: @escaping @Sendable () -> Bool) {
        state.withLock { $0.round = round }
    }

    /// Call when there is work: begins rounds unless they are running already.
    ///
    /// - Parameter pause: the delay before the first round.
    /// - Returns: false when it is too late: stopped, and the last round is over.
    public func wake(after pause: Duration = .zero) -> Bool {
        let (begins, isAccepted) = state.withLock { state in
            precondition(state.round != nil, "rounds were woken before `start` said what they are")
            state.isWanted = true
            guard !state.isBusy else { return (false, true) }
            state.isBusy = !state.isClosed
            return (state.isBusy, state.isBusy)
        }
        guard begins else { return isAccepted }
        if pause > .zero {
            clock.schedule(at: clock.now + pause) { self.goOn() }
        } else {
            goOn()
        }
        return true
    }

    /// Starts no new rounds once there is nothing left to do; ends the thread then.
    public func stop() {
        let isIdle = state.withLock { state in
            state.isClosed = true
            return !state.isBusy
        }
        if isIdle { thread.stop() }
    }

    /// After `stop`: waits until everything is done, for at most about `milliseconds`. Returns whether it is.
    public func join(milliseconds: Int) -> Bool { thread.join(milliseconds: milliseconds) }

    private func goOn() {
        do throws(ImpRAGError) {
            try thread.submit { [self] in
                let round = state.withLock { state in
                    state.isWanted = false
                    return state.round
                }
                let isNeeded = round?() ?? false
                let (goesOn, isClosed) = state.withLock { state in
                    state.isBusy = isNeeded || state.isWanted
                    return (state.isBusy, state.isClosed)
                }
                if goesOn { goOn() } else if isClosed { thread.stop() }
            }
        } catch {
            // There is one job at a time, and the thread is stopped only when there is none.
            preconditionFailure("a thread of rounds refused one: \(error)")
        }
    }
}
