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
                throw bad(Self.explain(error, Data(line.bytes)))
            }
        }
        return nil
    }

    /// Up to `count` lines, those that are there; waits only for the first. Empty at the end.
    mutating func next(_ count: Int) throws -> [Line] {
        var taken: [Line] = []
        while taken.count < count, taken.isEmpty || lines.holdsLine || hasInput, let line = try next() {
            taken.append(line)
        }
        return taken
    }

    private var hasInput: Bool { !waitForInput(on: [0], milliseconds: 0).isEmpty }

    /// The decoder calls numbers that are not whole, or beyond 64 bits, invalid JSON.
    private static func explain(_ error: any Error, _ bytes: Data) -> String {
        if case DecodingError.dataCorrupted(let context) = error, context.codingPath.isEmpty,
            (try? JSONSerialization.jsonObject(with: bytes)) != nil
        {
            return "a number does not fit its field: a whole one of at most 64 bits is needed"
        }
        return FileLineReader.Line.explanation(of: error)
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
