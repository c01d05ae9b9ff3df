import Core
import Foundation

/// Decodes JSON lines from standard input, naming the line of whatever is wrong.
struct JSONLineInput<Row: Decodable> {
    private let decoder = JSONDecoder()
    private var lineNumber = 0

    /// A decoded line and its number, for messages about it.
    struct Line {
        let number: Int
        let row: Row
    }

    /// The next line that is not blank; nil at the end.
    mutating func next() throws -> Line? {
        while let text = readLine(strippingNewline: true) {
            lineNumber += 1
            if text.allSatisfy(\.isWhitespace) { continue }
            do {
                return Line(number: lineNumber, row: try decoder.decode(Row.self, from: Data(text.utf8)))
            } catch {
                throw ImpRAGError(.invalidArgument, "standard input, line \(lineNumber): \(Self.explain(error))")
            }
        }
        return nil
    }

    /// Up to `count` lines; empty at the end.
    mutating func next(_ count: Int) throws -> [Line] {
        var lines: [Line] = []
        while lines.count < count, let line = try next() { lines.append(line) }
        return lines
    }

    private static func explain(_ error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, _): return "the field '\(key.stringValue)' is missing"
        case .typeMismatch(let type, let context): return "the field '\(path(context))' is not of type \(type)"
        case .valueNotFound(_, let context): return "the field '\(path(context))' is null"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return "the field '\(path(context))': \(context.debugDescription)"
        default: return "not a JSON object"
        }
    }
}

/// Runs `body` for one input line and puts the line's number into front of what it throws.
func naming<Value>(line number: Int, _ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch let error as ImpRAGError {
        throw ImpRAGError(error.code, "standard input, line \(number): \(error.message)", cause: error.cause)
    }
}
