public import Core
import Synchronization

/// Work in rounds on one thread: while there is something to do, one round follows the other, and in between others' jobs may
/// have their turn.
public final class Rounds: Sendable {
    private struct State {
        /// A round goes on, or will.
        var isBusy = false
        /// Something has come since the round began.
        var isWanted = false
        var isClosed = false
    }

    private let thread: any Workers
    private let clock: any Clock
    private let state = Mutex(State())

    /// - Parameter thread: a single one, with a queue that has room for one job; nobody else's.
    public init(on thread: any Workers, clock: any Clock) {
        self.thread = thread
        self.clock = clock
    }

    /// There is something to do: begins rounds, unless they go on already.
    ///
    /// - Parameters:
    ///   - pause: before the first round.
    ///   - round: returns whether another one is needed. Kept until the last round.
    /// - Returns: false after `stop`, once the last round is over: nothing will be done.
    public func wake(after pause: Duration = .zero, _ round: @escaping @Sendable () -> Bool) -> Bool {
        let (begins, isAccepted) = state.withLock { state in
            state.isWanted = true
            guard !state.isBusy else { return (false, true) }
            state.isBusy = !state.isClosed
            return (state.isBusy, state.isBusy)
        }
        guard begins else { return isAccepted }
        if pause > .zero {
            clock.schedule(at: clock.now + pause) { self.goOn(round) }
        } else {
            goOn(round)
        }
        return true
    }

    /// No new rounds are begun; those that go on end when there is nothing to do.
    public func stop() {
        let isIdle = state.withLock { state in
            state.isClosed = true
            return !state.isBusy
        }
        if isIdle { thread.stop() }
    }

    /// After `stop`: waits until all is done, but not longer than about `milliseconds`. Returns whether it is.
    public func join(milliseconds: Int) -> Bool { thread.join(milliseconds: milliseconds) }

    private func goOn(_ round: @escaping @Sendable () -> Bool) {
        do throws(ImpRAGError) {
            try thread.submit { [self] in
                state.withLock { $0.isWanted = false }
                let isNeeded = round()
                let (goesOn, isClosed) = state.withLock { state in
                    state.isBusy = isNeeded || state.isWanted
                    return (state.isBusy, state.isClosed)
                }
                if goesOn { self.goOn(round) } else if isClosed { thread.stop() }
            }
        } catch {
            // One job at a time, and the thread is stopped only when there is none.
            preconditionFailure("a thread of rounds refused one: \(error)")
        }
    }
}
