import Core
import Platform
import Synchronization

/// A thread that does the work of servers which have none of their own, as a client's does that of a gateway; until it
/// is dropped.
final class DrivingThread: Sendable {
    private final class State: Sendable {
        let isStopped = Atomic(false)
        let isWoken = Atomic(false)
    }

    private let state = State()

    deinit {
        state.isStopped.store(true, ordering: .relaxed)
    }

    func drive(
        _ descriptor: Int32, _ work: @escaping @Sendable () -> Int?
    ) throws(ImpRAGError) -> @Sendable () -> Void {
        _ = try NamedThread("driving") { [state] in
            var due: Deadline?
            while !state.isStopped.load(ordering: .relaxed) {
                let isReadable = !waitForInput(
                    on: [descriptor], milliseconds: min(1, due?.remainingMilliseconds ?? 1)
                ).isEmpty
                let isWoken = state.isWoken.exchange(false, ordering: .acquiring)
                guard isReadable || isWoken || due?.hasPassed == true else { continue }
                due = work().map { .after(milliseconds: $0) }
            }
        }
        return { [state] in state.isWoken.store(true, ordering: .releasing) }
    }
}
