public import Core
import Foundation
import Platform

/// Lines for the operator: text, or JSON objects with `time`, `level`, `node`, `message` and what else is known.
public struct Log: Sendable {
    public enum Format: String, CaseIterable, Sendable {
        case text
        case json
    }

    public enum Level: String, Sendable {
        case info
        case warning
        case error
    }

    private let node: String
    private let format: Format
    private let now: @Sendable () -> WallTime
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - node: the name of whoever writes.
    ///   - write: takes each line, by default to standard error.
    init(
        node: String, format: Format, now: @escaping @Sendable () -> WallTime = { .now },
        write: @escaping @Sendable (String) -> Void = { StandardStream.error.writeLine($0) }
    ) {
        self.node = node
        self.format = format
        self.now = now
        self.write = write
    }

    /// Writes to standard error, in the form that the environment's `IMPRAG_LOG` asks for, else text.
    ///
    /// - Throws: `invalidArgument` for a form that there is not.
    public init(node: String) throws(ImpRAGError) {
        self.init(node: node, format: try Self.format(ProcessInfo.processInfo.environment, orElse: .text))
    }

    /// Writes a line, as it is in text.
    ///
    /// - Parameters:
    ///   - line: usually begins with the node's name, which JSON leaves out: it is a field there.
    ///   - trace: the trace of the request that it is about.
    public func write(_ line: String, level: Level = .info, trace: TraceContext? = nil) {
        switch format {
        case .text: write(trace.map { "\(line) (trace \($0.trace))" } ?? line)
        case .json:
            var object = "{\"time\":\(jsonString(now().description)),\"level\":\"\(level.rawValue)\""
            object += ",\"node\":\(jsonString(node)),\"message\":\(jsonString(message(of: line)))"
            if let trace { object += ",\"trace_id\":\"\(trace.trace)\"" }
            write(object + "}")
        }
    }

    private func message(of line: String) -> String {
        for start in ["\(node): ", "\(node) "] where line.hasPrefix(start) {
            return String(line.dropFirst(start.count))
        }
        return line
    }

    /// The format that `environment` asks for, else `format`.
    ///
    /// - Throws: `invalidArgument` for a format that there is not.
    static func format(_ environment: [String: String], orElse format: Format) throws(ImpRAGError) -> Format {
        guard let text = environment["IMPRAG_LOG"], !text.isEmpty else { return format }
        guard let format = Format(rawValue: text) else {
            throw ImpRAGError(.invalidArgument, "IMPRAG_LOG is \"\(text)\"; \"text\" or \"json\" is right")
        }
        return format
    }
}
