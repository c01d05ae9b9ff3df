import CPlatform
public import Core
import Glibc

/// A process that this one started. Its output arrives on two pipes, and it dies when its parent does.
///
/// Owned by one thread, which must outlive it: the kernel kills the child when the *thread* that started it ends.
public final class ChildProcess {
    /// How a process ended.
    public enum Exit: Hashable, Sendable, CustomStringConvertible {
        case code(Int32)
        case signal(Int32)

        public var description: String {
            switch self {
            case .code(let code): "exit code \(code)"
            case .signal(let number): "signal \(number) (\(signalName(number)))"
            }
        }
    }

    public let processID: Int32
    /// The child's standard output and standard error, line by line.
    public let output: LineReader
    public let errors: LineReader
    /// Set by the `reap` that found the process ended.
    public private(set) var exit: Exit?

    /// Starts the program at `executable`, with this process's environment.
    ///
    /// - Parameter arguments: without the program's own name.
    /// - Throws: `notFound` or `permissionDenied` naming the path, `resourceExhausted` when the system has no room for
    ///   it.
    public init(executable: String, arguments: [String]) throws(ImpRAGError) {
        let output = try Pipe()
        let errors = try Pipe()
        let pid = unsafe withCStrings([executable] + arguments) { pointers in
            unsafe imprag_spawn(
                executable, pointers, environ, output.writeEnd, errors.writeEnd, SIGKILL)
        }
        output.closeWriteEnd()
        errors.closeWriteEnd()
        guard pid > 0 else {
            throw ImpRAGError(
                Self.code(of: -pid), "the program \(executable) cannot be started: \(systemMessage(-pid))")
        }
        processID = pid
        self.output = LineReader(owning: output.takeReadEnd())
        self.errors = LineReader(owning: errors.takeReadEnd())
    }

    /// Kills and reaps a process that was not waited for, so that none outlives its handle.
    deinit {
        guard exit == nil else { return }
        kill(processID, SIGKILL)
        var status: Int32 = 0
        unsafe waitpid(processID, &status, 0)
    }

    /// Sends a signal; does nothing when the process has ended.
    public func send(signal number: Int32) {
        guard exit == nil else { return }
        kill(processID, number)
    }

    /// How the process ended, or nil while it runs. Does not block.
    @discardableResult
    public func reap() -> Exit? {
        guard exit == nil else { return exit }
        var status: Int32 = 0
        guard unsafe waitpid(processID, &status, WNOHANG) == processID else { return nil }
        let terminatingSignal = status & 0x7F
        exit = terminatingSignal == 0 ? .code((status >> 8) & 0xFF) : .signal(terminatingSignal)
        return exit
    }

    private static func code(of number: Int32) -> ErrorCode {
        switch number {
        case ENOENT, ENOTDIR: .notFound
        case EACCES, EPERM, ENOEXEC: .permissionDenied
        default: .resourceExhausted
        }
    }
}

/// A pipe whose two ends are always closed. Owned by one function at a time.
private final class Pipe {
    private var readEnd: Int32
    private(set) var writeEnd: Int32

    init() throws(ImpRAGError) {
        var ends: (read: Int32, write: Int32) = (-1, -1)
        let result = unsafe imprag_pipe(&ends.read, &ends.write)
        guard result == 0 else {
            throw ImpRAGError(.resourceExhausted, "no pipe can be made: \(systemMessage(-result))")
        }
        readEnd = ends.read
        writeEnd = ends.write
    }

    deinit {
        closeWriteEnd()
        if readEnd >= 0 { close(readEnd) }
    }

    func closeWriteEnd() {
        if writeEnd >= 0 { close(writeEnd) }
        writeEnd = -1
    }

    func takeReadEnd() -> Int32 {
        defer { readEnd = -1 }
        return readEnd
    }
}

/// Lends `strings` as a null-terminated array of C strings.
private func withCStrings<Value>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
    let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() { unsafe pointers[index] = strdup(string) }
    unsafe pointers[strings.count] = nil
    defer {
        for index in strings.indices { unsafe free(pointers[index]) }
        unsafe pointers.deallocate()
    }
    return unsafe body(pointers)
}
