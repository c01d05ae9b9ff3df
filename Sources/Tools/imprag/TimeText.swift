import Foundation

/// Times and spans of time on a command line.
enum TimeText {
    private static let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86400]

    /// A hundred years.
    private static let secondLimit = 100 * 366 * 86400

    /// Seconds of a text such as `90s`, `15m`, `24h`, `7d` or `0`; nil for another one.
    static func seconds(_ text: String) -> Int? {
        if text == "0" { return 0 }
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
            text.first?.isNumber == true, count <= secondLimit / unit
        else { return nil }
        return count * unit
    }

    /// Milliseconds since 1970 of a text such as `2026-11-29T12:00:00Z` or `2026-11-29T13:00:00+01:00`; nil for another
    /// one.
    static func milliseconds(_ text: String) -> Int? {
        guard let date = try? Date(text, strategy: .iso8601), date.timeIntervalSince1970 >= 0 else { return nil }
        return Int(date.timeIntervalSince1970 * 1000)
    }
}

let retentionOption = Option.optional(
    "retention", "TIME",
    "how far back --at of `imprag restore` reaches at least, as in 24h or 7d (default: 0, to the last checkpoints)")

/// Seconds; nil when the option is not given.
func retention(_ arguments: Arguments) throws -> Int? {
    guard let text = arguments.string("retention") else { return nil }
    guard let seconds = TimeText.seconds(text) else {
        throw UsageError(message: "--retention is '\(text)'; 0, or a number with s, m, h or d, as in 24h, is right")
    }
    return seconds
}
