import Core
import Foundation
import Platform

/// Decodes JSON lines from standard input, naming the line of whatever is wrong.
struct JSONLineInput<Row: Decodable> {
    private let decoder = JSONDecoder()
    private var lines: FileLineReader

    init() throws {
        lines = FileLineReader(try ByteReader.standardInput(), limitBytes: 256 << 20)
    }

    /// A decoded line and its number, for messages about it.
    struct Line {
        let number: Int
        let row: Row
    }

    /// The next line that is not blank; nil at the end.
    mutating func next() throws -> Line? {
        while let line = try lines.next() {
            if line.isBlank { continue }
            func bad(_ what: String) -> ImpRAGError {
                ImpRAGError(.invalidArgument, "standard input, line \(line.number): \(what)")
            }
            guard !line.isTooLong else {
                throw bad(
                    "it has \(line.byteCount) bytes; at most \(ByteCount(lines.limitBytes)) are read")
            }
            // Checked here: a decoder would repair it, and the ids or the vector would be another text's.
            guard String(validating: line.bytes, as: UTF8.self) != nil else { throw bad("it is not UTF-8") }
            do {
                return Line(number: line.number, row: try decoder.decode(Row.self, from: Data(line.bytes)))
            } catch {
                throw bad(FileLineReader.Line.explanation(of: error))
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
}

/// Runs `body` for one input line and puts the line's number into front of what it throws.
func naming<Value>(line number: Int, _ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch let error as ImpRAGError {
        throw ImpRAGError(error.code, "standard input, line \(number): \(error.message)", cause: error.cause)
    }
}
