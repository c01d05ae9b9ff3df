import Core
import Foundation
import Platform
import Synchronization

/// Ctrl-C during long work: the first asks the work to stop at its next safe point, the second ends the process.
final class Interruption: Sendable {
    private let flag = Atomic<Bool>(false)

    var hasArrived: Bool { flag.load(ordering: .relaxed) }

    init() throws {
        let signals = try SignalWatcher(SignalWatcher.stopSignals)
        Thread.detachNewThread { [self] in
            _ = signals.wait()
            flag.store(true, ordering: .relaxed)
            printError("\nstopping after this batch; once more stops at once")
            _ = signals.wait()
            exit(1)
        }
    }
}
