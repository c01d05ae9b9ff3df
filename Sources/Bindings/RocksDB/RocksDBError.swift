public import Core

/// An error of RocksDB, with the call that failed and its database.
public struct RocksDBError: Error, Sendable, CustomStringConvertible {
    /// The C function, as in `rocksdb_open`.
    public let call: String
    /// The database's directory.
    public let path: String
    /// RocksDB's message, as in `Corruption: block checksum mismatch …`.
    public let message: String

    public init(call: String, path: String, message: String) {
        self.call = call
        self.path = path
        // It can contain a damaged file's bytes, but an error is printed and forwarded as one line.
        self.message = String(
            message.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) })
    }

    public var description: String { "\(call) on \(path): \(message)" }

    /// Whether another writer, of this process or another, has the database open.
    public var isLock: Bool {
        message.hasPrefix("IO error") && (message.contains("While lock file") || message.contains("lock hold by"))
    }

    /// Whether a file that the database's own manifest names is gone.
    public var isMissingFile: Bool { message.contains("No such file") }

    /// The project's code for it. RocksDB's C interface returns only text, whose first word is the status.
    public var code: ErrorCode {
        if message.hasPrefix("Corruption") { return .dataLoss }
        // The database does not have the families that the program asks for: another layout.
        if message.contains("olumn famil") { return .failedPrecondition }
        if message.contains("No space left") || message.hasPrefix("IO error: No space") { return .resourceExhausted }
        if isLock { return .failedPrecondition }
        if message.contains("does not exist") { return .notFound }
        if isMissingFile { return .dataLoss }
        if message.hasPrefix("Invalid argument") { return .dataLoss }
        return .unavailable
    }

    /// The file that the message is about, when it names one.
    public var file: String? {
        for word in message.split(whereSeparator: { $0 == " " || $0 == "\"" || $0 == "'" || $0 == "," || $0 == ";" }) {
            let name = word.hasSuffix(":") || word.hasSuffix(".") ? word.dropLast() : word
            let last = name.split(separator: "/").last ?? ""
            if last.hasSuffix(".sst") || last.hasSuffix(".log") || last.hasPrefix("MANIFEST-") {
                // All files are in the database's directory; RocksDB leaves that out of some messages.
                return "\(path)/\(last)"
            }
        }
        return nil
    }

    /// This error as the cause of a sentence about `what`, as in "partition shard-0000 cannot be opened". For damage,
    /// the sentence names the file.
    public func wrapped(_ what: String) -> ImpRAGError {
        let code = code
        guard code == .dataLoss, let file else { return ImpRAGError(code, what, cause: self) }
        // While opening, RocksDB blames the manifest for damage in a table.
        let suspect = file.contains("MANIFEST-") ? "\(file), or a table file that it names," : file
        return ImpRAGError(code, "\(what): \(suspect) is damaged", cause: self)
    }
}
