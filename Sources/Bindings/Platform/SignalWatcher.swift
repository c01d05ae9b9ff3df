import CPlatform
public import Core
import Glibc

/// Receives signals as values, where the program chooses to, instead of dying from them.
///
/// There is one pipe per process, so one watcher at a time; the process's main thread owns it.
public struct SignalWatcher: Sendable {
    /// The signals that mean "stop": Ctrl-C and what container platforms send.
    public static let stopSignals: [Int32] = [SIGINT, SIGTERM]

    /// For `waitForInput`: readable when a signal has arrived.
    public let descriptor: Int32

    /// Takes over `signals` for the rest of the process's life.
    public init(_ signals: [Int32]) throws(ImpRAGError) {
        let result = unsafe imprag_signal_pipe(signals, Int32(signals.count))
        guard result >= 0 else {
            throw ImpRAGError(.internal, "signals \(signals) cannot be watched: \(systemMessage(-result))")
        }
        descriptor = result
    }

    /// The signals that have arrived since the last call, in order. Does not block.
    public func arrived() -> [Int32] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        return bytes.prefix(max(0, count)).map(Int32.init)
    }

    /// Blocks until one of the watched signals arrives and returns it.
    public func wait() -> Int32 {
        while true {
            if let first = arrived().first { return first }
            _ = waitForInput(on: [descriptor], milliseconds: 60_000)
        }
    }
}

/// `SIGKILL` and so on for the signals that end processes in practice.
func signalName(_ number: Int32) -> String {
    switch number {
    case SIGHUP: "SIGHUP"
    case SIGINT: "SIGINT"
    case SIGQUIT: "SIGQUIT"
    case SIGILL: "SIGILL"
    case SIGTRAP: "SIGTRAP"
    case SIGABRT: "SIGABRT"
    case SIGBUS: "SIGBUS"
    case SIGFPE: "SIGFPE"
    case SIGKILL: "SIGKILL"
    case SIGSEGV: "SIGSEGV"
    case SIGPIPE: "SIGPIPE"
    case SIGTERM: "SIGTERM"
    default: "see signal(7)"
    }
}
