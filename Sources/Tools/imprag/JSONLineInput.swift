import Core
import Platform

/// A value read from one JSON line.
protocol JSONRow {
    /// Throws `invalidArgument` naming line and field.
    init(_ line: JSONField) throws(ImpRAGError)
}

/// Reads JSON lines from standard input; errors name the line.
struct JSONLineInput<Row: JSONRow> {
    private var lines: FileLineReader

    init() throws {
        lines = FileLineReader(try FileByteReader.standardInput(), limitBytes: 256 << 20)
    }

    /// A line and its number, for messages about it.
    struct Line {
        let number: Int
        let row: Row
    }

    /// The next line that is not blank; nil at the end.
    mutating func next() throws(ImpRAGError) -> Line? {
        while let line = try lines.next() {
            if line.isBlank { continue }
            return Line(
                number: line.number,
                row: try Row(try line.json(at: "standard input, line \(line.number)", it: "it")))
        }
        return nil
    }

    /// Up to `count` available lines; waits only for the first. Empty at the end.
    mutating func next(_ count: Int) throws -> [Line] {
        var taken: [Line] = []
        while taken.count < count, taken.isEmpty || lines.holdsLine || hasInput, let line = try next() {
            taken.append(line)
        }
        return taken
    }

    private var hasInput: Bool { !waitForInput(on: [0], milliseconds: 0).isEmpty }
}

/// Runs `body` for one input line and prefixes what it throws with the line's number.
func naming<Value>(line number: Int, _ body: () throws -> Value) throws -> Value {
    do {
        return try body()
    } catch let error as ImpRAGError {
        throw ImpRAGError(error.code, "standard input, line \(number): \(error.message)", cause: error.cause)
    }
}
