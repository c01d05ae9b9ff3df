public import Core
internal import Platform
internal import Synchronization

/// A cluster's key list as a node sees it: read again when its file changes, so that a new key is let in and a revoked
/// one is refused without a restart. Any thread may ask it.
///
/// A file that is missing or wrong changes nothing: the list that was read last goes on counting, and the log says so.
public final class KeyRing: Sendable {
    private struct State {
        var list: KeyList
        var stamp: FileStamp?
        /// What the log said last, so that it is not said again and again.
        var problem: String?
    }

    private let path: String
    private let log: @Sendable (String) -> Void
    private let state: Mutex<State>

    /// How often a node looks at the file.
    public static let interval = Duration.milliseconds(250)

    /// - Parameter log: gets a line when the list changes, or cannot be read.
    /// - Throws: what is wrong with the file.
    public init(path: String, log: @escaping @Sendable (String) -> Void) throws(ImpRAGError) {
        self.path = path
        self.log = log
        let file = try SmallFile(path: path, limit: KeyList.fileByteLimit)
        let list = try KeyList(decoding: file.bytes, source: path)
        state = Mutex(State(list: list, stamp: file.stamp))
    }

    /// The list that counts.
    public var list: KeyList { state.withLock { $0.list } }

    /// The key whose public half is `publicKey`; nil when it is not, or no longer, in the list.
    func key(_ publicKey: String) -> AccessKey? { state.withLock { $0.list[publicKey] } }

    /// Reads the file again if it has changed. Whether another list counts now.
    @discardableResult
    public func refresh() -> Bool {
        let stamp = SmallFile.stamp(of: path)
        let (known, current) = state.withLock { ($0.stamp, $0.list) }
        guard stamp != known else { return false }
        do throws(ImpRAGError) {
            let file = try SmallFile(path: path, limit: KeyList.fileByteLimit)
            let list = try KeyList(decoding: file.bytes, source: path)
            guard list.serverKey == current.serverKey else {
                throw ImpRAGError(
                    .failedPrecondition,
                    "\(path) names another \"server\" key, which needs a restart with new key files")
            }
            state.withLock { $0 = State(list: list, stamp: file.stamp) }
            log("keys: \(path) has \(list.count) keys now")
            return true
        } catch {
            // Not read again before it changes again; a missing file is looked for each time.
            let isNews = state.withLock { state in
                defer { state.problem = error.message }
                state.stamp = stamp
                return state.problem != error.message
            }
            if isNews {
                log("keys: \(error.message); the \(current.count) keys that were read before go on counting")
            }
            return false
        }
    }
}
