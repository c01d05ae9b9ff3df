/// One subcommand: its name, its arguments and what it does.
struct Command: Sendable {
    let name: String
    /// One line for the list of commands.
    let summary: String
    /// Paragraphs for `imprag NAME --help`, before the options.
    let discussion: String
    /// The name of the positional arguments, as in `PROMPT`; nil when there are none.
    var positional: String?
    let options: [Option]
    /// A working example.
    let example: String
    let run: @Sendable (Arguments) async throws -> Void

    /// What to type, in lines for a terminal.
    var usage: String {
        var words = ["usage: imprag", name]
        if let positional { words.append(positional) }
        for option in options {
            let value = option.value.map { " \($0)" + (option.isList ? "..." : "") } ?? ""
            words.append(option.isRequired ? "--\(option.name)\(value)" : "[--\(option.name)\(value)]")
        }
        return wrapped(words, indent: 8)
    }

    var help: String {
        var lines = ["\(summary)", "", usage, "", wrapped(paragraphs: discussion), ""]
        if !options.isEmpty {
            lines.append("options:")
            for option in options {
                let left = "--\(option.name)" + (option.value.map { " \($0)" + (option.isList ? "..." : "") } ?? "")
                let head = "  \(left)" + String(repeating: " ", count: max(1, 24 - left.count))
                lines.append(head + wrapped(option.help.split(separator: " "), after: head.count, indent: 26))
            }
            lines.append("")
        }
        lines.append("example:")
        lines.append("  \(example)")
        return lines.joined(separator: "\n")
    }
}
