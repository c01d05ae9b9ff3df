import Core
import Foundation
import Platform

let version = Build.version

/// One line on standard error.
func printError(_ line: String) {
    StandardStream.error.writeLine(line)
}

/// Writes text to standard output, unbuffered, so that answers stream. Throws when it cannot be written, so that no
/// command succeeds whose output is lost.
func write(_ text: String) throws {
    try StandardStream.output.write(text)
}

/// Writes one line to standard output, unbuffered.
func writeLine(_ line: String) throws {
    try write(line + "\n")
}

/// `value` with a fixed number of digits after the point.
func fixed(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
}

/// Formats rows as a table: the first row is the header; columns of numbers are right-aligned.
func table(_ rows: [[String]]) -> String {
    guard let head = rows.first else { return "" }
    let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let numeric = head.indices.map { column in
        rows.dropFirst().allSatisfy { $0[column].first.map { $0.isNumber || $0 == "-" } ?? true }
    }
    return rows.map { row in
        let cells = row.indices.map { column in
            let padding = String(repeating: " ", count: widths[column] - row[column].count)
            return numeric[column] ? padding + row[column] : row[column] + padding
        }
        return cells.joined(separator: "  ").trimmingSuffix
    }.joined(separator: "\n")
}

extension String {
    /// Padded with trailing spaces to `width` characters.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    fileprivate var trimmingSuffix: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
