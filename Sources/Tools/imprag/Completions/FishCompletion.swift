/// Completions for fish 3 and later.
func fishCompletion(_ names: CommandNames) -> String {
    var lines = [
        """
        # fish completion of imprag, made by `imprag completions fish`.
        function __imprag_words
            set -l words (commandline -opc)
            set -e words[1]
            string join ' ' -- $words
        end
        function __imprag_after
            set -l words (__imprag_words)
            test "$words" = "$argv"
        end
        function __imprag_in
            set -l words (__imprag_words)
            string match -q -- "$argv *" "$words "
        end
        """
    ]
    lines += names.entries.map { choice(after: "", $0.word, $0.summary) }
    for family in names.families {
        lines += family.actions.map { choice(after: " " + family.word, $0.word, $0.summary) }
    }
    for command in names.commands {
        let place = "complete -c imprag -n '__imprag_in \(command.name)'"
        lines += command.options.map { place + parameters($0) }
        if !command.positionalChoices.isEmpty {
            lines.append("\(place) -f -a '\(command.positionalChoices.joined(separator: " "))'")
        }
    }
    return lines.joined(separator: "\n")
}

private func choice(after words: String, _ word: String, _ summary: String) -> String {
    "complete -c imprag -n '__imprag_after\(words)' -f -a \(word) -d \(quoted(summary))"
}

/// The option's name, what it takes and its description. `-r` takes files, `-x` only what is listed.
private func parameters(_ option: Option) -> String {
    let values =
        option.value == nil
        ? "" : option.choices.isEmpty ? " -r" : " -x -a '\(option.choices.joined(separator: " "))'"
    return " -l \(option.name)\(values) -d \(quoted(option.help))"
}

/// In single quotes, in which fish knows \\ and \'.
private func quoted(_ text: String) -> String {
    shellQuoted(text.replacing("\\", with: "\\\\"), quote: "\\'")
}
