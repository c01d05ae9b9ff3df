import Glibc

/// The process's standard output and error, written line by line and at once.
public enum StandardStream: Sendable {
    case output
    case error

    /// Writes a line. A reader that has gone is no reason to fail: the line is lost.
    public func writeLine(_ line: String) {
        let descriptor: Int32 = self == .output ? 1 : 2
        let bytes = Array((line + "\n").utf8)
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
            }
            if count > 0 {
                written += count
            } else if errno != EINTR {
                return
            }
        }
    }
}

/// Ends the process now: no exit handlers, so threads that still compute do no harm.
public func exitImmediately(code: Int32) -> Never {
    _exit(code)
}
