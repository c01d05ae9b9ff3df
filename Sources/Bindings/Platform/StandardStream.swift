public import Core
import Glibc

/// The process's standard output and error, unbuffered. A terminal gets text in a form that cannot control it
/// (`TerminalText`); files and pipes get it unchanged.
public enum StandardStream: Sendable {
    case output
    case error

    /// Writes a line. Failures are ignored: if the reader has gone, the line is lost.
    public func writeLine(_ line: String) {
        try? write(line + "\n")
    }

    /// Writes `text`, all of it, before it returns.
    ///
    /// - Throws: `resourceExhausted` when the disk is full, `unavailable` when it cannot be written for another reason.
    public func write(_ text: String) throws(ImpRAGError) {
        let descriptor: Int32 = self == .output ? 1 : 2
        let bytes = Array((isTerminal ? TerminalText.visible(text) : text).utf8)
        try write(bytes, to: descriptor)
    }

    /// Replaces the last line of a terminal by `text`.
    public func rewriteLine(_ text: String) {
        try? write(Array("\r\u{1B}[K\(TerminalText.visible(text))".utf8), to: self == .output ? 1 : 2)
    }

    /// Whether it is a terminal.
    public var isTerminal: Bool { self == .output ? Self.terminals.output : Self.terminals.error }

    private static let terminals = (output: isatty(1) == 1, error: isatty(2) == 1)

    private func write(_ bytes: [UInt8], to descriptor: Int32) throws(ImpRAGError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count > 0 {
                written += count
                continue
            }
            let code = errno
            switch code {
            case EINTR: continue
            case EAGAIN:
                // Another process made the stream non-blocking, and its reader is slow.
                var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&entry, 1, 1000)
            default:
                let name = self == .output ? "standard output" : "standard error"
                throw ImpRAGError(
                    code == ENOSPC || code == EDQUOT ? .resourceExhausted : .unavailable,
                    "\(name) cannot be written: \(systemMessage(code))")
            }
        }
    }
}

/// Ends the process now: no exit handlers, so threads that still compute do no harm.
public func exitImmediately(code: Int32) -> Never {
    _exit(code)
}
