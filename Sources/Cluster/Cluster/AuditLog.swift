import Core
import Platform

/// The file in which a node says who changed what: a line a request, appended in the order of their ends.
///
/// A thread of its own writes, so that no request waits for the disk; a killed node may lose the lines of its last
/// moments. Lines that cannot be written are counted, and the node's log says so. The file may be renamed at any time:
/// the next line makes a new one.
final class AuditLog: Sendable {
    private let lines = BlockingQueue<String>(limit: queueLimit)
    /// Lines that were not written.
    let failures = Counter()
    private let thread: NamedThread

    /// Lines that may wait for the disk.
    static let queueLimit = 65_536
    /// Lines of one write.
    private static let batch = 256

    /// - Throws: what keeps the file from being written.
    init(path: String, log: @escaping @Sendable (String) -> Void) throws(ImpRAGError) {
        _ = try AppendFile(path: path, isForGroup: true)
        let (lines, failures) = (lines, failures)
        thread = try NamedThread("imprag-audit") {
            var isFailing = false
            while true {
                let taken = lines.pop(upTo: Self.batch, waiting: true)
                guard !taken.isEmpty else { return }
                do throws(ImpRAGError) {
                    try AppendFile(path: path, isForGroup: true).append(taken.joined(separator: "\n") + "\n")
                    if isFailing { log("audit: \(path) is written again; \(failures.value) lines are missing") }
                    isFailing = false
                } catch {
                    failures.add(taken.count)
                    if !isFailing { log("audit: \(error.message); lines are lost") }
                    isFailing = true
                }
            }
        }
    }

    func record(_ entry: AuditEntry) {
        if lines.push(entry.line) != .accepted { failures.add() }
    }

    /// Takes no more, and waits until what it has is written. Returns whether it is, within `milliseconds`.
    func stop(milliseconds: Int) -> Bool {
        lines.close()
        return thread.join(milliseconds: milliseconds)
    }
}
