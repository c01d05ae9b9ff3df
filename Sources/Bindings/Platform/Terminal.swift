public import Core
import Glibc

/// The terminal that the process was started at.
public enum Terminal {
    /// Whether a person can type at standard input and sees standard output.
    public static var isInteractive: Bool { isatty(0) == 1 && StandardStream.output.isTerminal }

    /// The lines that are typed; editing them is the terminal's own business.
    ///
    /// It is opened anew, because standard input is shared with the shell, which must not find it non-blocking.
    ///
    /// - Throws: `unavailable` when the process has no terminal.
    public static func lines() throws(ImpRAGError) -> LineReader {
        let descriptor = unsafe open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else {
            throw ImpRAGError(.unavailable, "the terminal cannot be read: \(systemMessage(errno))")
        }
        return LineReader(owning: descriptor)
    }
}
