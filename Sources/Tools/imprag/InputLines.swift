import Core
import Platform
import Synchronization

/// The lines of standard input, for tasks: a thread of their own blocks for them.
final class InputLines: Sendable {
    private let reader: Mutex<FileLineReader>

    /// - Parameter limitBytes: of a line; longer ones are skipped and marked.
    init(limitBytes: Int) throws(ImpRAGError) {
        reader = Mutex(FileLineReader(try FileByteReader.standardInput(), limitBytes: limitBytes))
    }

    /// The next line; nil at the end. For one task.
    func next() async throws(ImpRAGError) -> FileLineReader.Line? {
        try await NamedThread.run("input") { [self] () throws(ImpRAGError) in
            try reader.withLock { lines throws(ImpRAGError) in try lines.next() }
        }
    }
}
