import CPlatform
import Glibc

/// The lines that arrive on a pipe. Never blocks; owns and closes the descriptor. Owned by one thread.
public final class LineReader {
    /// Bytes of a line that are kept; the rest of a longer line is dropped.
    public static let lineByteLimit = 16 * 1024

    /// For `waitForInput`.
    public let descriptor: Int32
    /// True when the other end is closed and everything has been read.
    public private(set) var ended = false
    private var partial: [UInt8] = []

    /// Takes over `descriptor` and makes it non-blocking.
    public init(owning descriptor: Int32) {
        self.descriptor = descriptor
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    }

    deinit {
        close(descriptor)
    }

    /// The lines complete by now, without their line feeds; once the pipe has ended, also a last unterminated one.
    public func readLines() -> [String] {
        var lines: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        // Bounded, so that a child that writes without pause cannot keep the caller here.
        for _ in 0..<64 where !ended {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            if count > 0 {
                for byte in buffer.prefix(count) { take(byte, &lines) }
            } else if count == 0 {
                ended = true
                if !partial.isEmpty { take(UInt8(ascii: "\n"), &lines) }
            } else if errno == EINTR {
                continue
            } else if errno == EAGAIN {
                break
            } else {
                ended = true
            }
        }
        return lines
    }

    private func take(_ byte: UInt8, _ lines: inout [String]) {
        if byte == UInt8(ascii: "\n") {
            lines.append(String(decoding: partial, as: UTF8.self))
            partial.removeAll(keepingCapacity: true)
        } else if partial.count < Self.lineByteLimit {
            partial.append(byte)
        }
    }
}

/// Waits until one of `descriptors` can be read or has ended, at most `milliseconds`. Returns those that can.
public func waitForInput(on descriptors: [Int32], milliseconds: Int) -> Set<Int32> {
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let limit = Int32(clamping: max(0, milliseconds))
    // EINTR means that a signal arrived: the caller checks its pipes anyway.
    guard unsafe poll(&entries, nfds_t(entries.count), limit) > 0 else { return [] }
    return Set(entries.filter { $0.revents != 0 }.map(\.fd))
}

/// What the operating system says about an error number.
package func systemMessage(_ number: Int32) -> String {
    var text = [CChar](repeating: 0, count: 256)
    unsafe imprag_error_message(number, &text, text.count)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
