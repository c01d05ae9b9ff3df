public import Core
import Glibc
public import Platform

/// How processes that serve take signals.
extension SignalWatcher {
    /// Takes over the signals that mean "stop", Ctrl-\ among them, which would end in a long backtrace, and SIGHUP,
    /// which ends nothing that serves: to operators it means "read your files again".
    public static func serving() throws(ImpRAGError) -> SignalWatcher {
        try SignalWatcher(stopSignals + [SIGQUIT, SIGHUP])
    }

    /// Blocks until a signal arrives that means "stop", and returns it.
    ///
    /// - Parameter hangup: called for each SIGHUP.
    public func waitForStop(hangup: () -> Void) -> Int32 {
        while true {
            for number in arrived() {
                guard number == SIGHUP else { return number }
                hangup()
            }
            _ = waitForInput(on: [descriptor], milliseconds: 60_000)
        }
    }
}
