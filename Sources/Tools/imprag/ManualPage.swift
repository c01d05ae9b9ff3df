/// The manual page imprag(1) in the man macros of roff, made from the tables that `--help` shows.
func manualPage(_ commands: [Command]) -> String {
    var lines = [
        #".TH IMPRAG 1 "" "imprag \#(version)" "User Commands""#,
        ".SH NAME", #"imprag \- a passage index and a language model that reads it, as one cluster"#,
        ".SH SYNOPSIS", ".B imprag", ".I COMMAND", "[options]",
        ".SH DESCRIPTION",
        roff(
            """
            imprag indexes a corpus of passages and answers prompts over it with one decoder-only language model: its bottom \
            layers turn the prompt into a vector, shards find the passages of largest inner product, and the same pass reads \
            them and continues to the answer.
            """),
        ".SH COMMANDS",
    ]
    lines += commands.flatMap(section)
    lines += [
        ".SH ENVIRONMENT",
        ".TP", ".B IMPRAG_KEY", roff("The key file of commands that call a cluster, unless --key names one."),
        ".TP", ".B TRACEPARENT", roff("The trace that requests belong to, unless --traceparent names one."),
        ".SH EXIT STATUS",
        ".TP", ".B 0", "Done.", ".TP", ".B 1", "Failed.", ".TP", ".B 2", "The command line is wrong.",
    ]
    return lines.joined(separator: "\n")
}

private func section(_ command: Command) -> [String] {
    var lines = [".SS imprag " + roff(command.name), roff(command.summary) + ".", ".PP"]
    lines.append(#"\fBimprag \#(roff(command.name))\fR"# + (command.positional.map { #" \fI\#(roff($0))\fR"# } ?? ""))
    if !command.options.isEmpty { lines.append("[options]") }
    lines += [".PP", roff(command.discussion)]
    for option in command.options {
        lines += [".TP", name(option), roff(option.help)]
    }
    return lines + [".PP", "Example:", ".PP", ".RS 4", ".nf", roff(command.example), ".fi", ".RE"]
}

/// The option in bold, its placeholder in italics.
private func name(_ option: Option) -> String {
    let value = option.value.map { #" \fI\#(roff($0))\fR"# + (option.isList ? "..." : "") } ?? ""
    return #"\fB\-\-\#(roff(option.name))\fR\#(value)"# + (option.isRequired ? " (required)" : "")
}

/// `text` such that roff prints its characters: no line is a request, minus signs can be copied, and what is not ASCII
/// is named.
private func roff(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        guard let first = line.first else { return ".PP" }
        let escaped = line.unicodeScalars.map { scalar in
            switch scalar {
            case "\\": #"\e"#
            case "-": #"\-"#
            case "`": #"\(ga"#
            case "'": #"\(aq"#
            case "^": #"\(ha"#
            case "~": #"\(ti"#
            default: scalar.isASCII ? String(scalar) : #"\[u\#(hexadecimal(scalar.value))]"#
            }
        }
        return (first == "." ? #"\&"# : "") + escaped.joined()
    }.joined(separator: "\n")
}

/// At least four digits, as roff has them.
private func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
}
