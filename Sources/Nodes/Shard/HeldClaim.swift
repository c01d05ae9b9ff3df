import Cluster
import Core
import Platform
import Storage
import Synchronization

/// A claim that is renewed as long as the work goes on, however long one step of it takes: on a thread of its own, by a
/// timer.
final class HeldClaim: Sendable {
    private let claim: Claim
    private let thread: any Workers
    private let clock: any Clock
    /// Why the claim is another's by now.
    private let loss = Mutex<ImpRAGError?>(nil)
    private let timer = Mutex<Task<Void, Never>?>(nil)

    /// Between renewals: three before others may take it over.
    static let interval = Duration.seconds(10)
    private static let storeMilliseconds = 30_000

    /// - Parameter thread: for renewals.
    init(_ claim: Claim, renewing thread: any Workers, on environment: NodeEnvironment) {
        self.claim = claim
        self.thread = thread
        clock = environment.clock
        let task = environment.task(every: Self.interval) { [weak self] in
            // Refused while the store still works on the one before.
            try? thread.submit { [weak self] in self?.renew() }
            return self != nil
        }
        timer.withLock { $0 = task }
    }

    private var deadline: Deadline { .after(milliseconds: Self.storeMilliseconds, on: clock) }

    private func renew() {
        guard timer.withLock({ $0 != nil }) else { return }
        do throws(ImpRAGError) {
            try claim.renew(deadline: deadline)
        } catch {
            // Whatever else the store says may pass, and the next renewal says so.
            guard error.code == .failedPrecondition else { return }
            loss.withLock { $0 = error }
        }
    }

    /// Throws when another has taken the claim over.
    func check() throws(ImpRAGError) {
        if let error = loss.withLock({ $0 }) { throw error }
    }

    /// Ends the renewals, and gives the claim back.
    func release() {
        let task = timer.withLock { timer in
            defer { timer = nil }
            return timer
        }
        task?.cancel()
        try? claim.release(deadline: deadline)
    }
}
