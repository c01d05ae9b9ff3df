/// All commands by the words of their names, as completion needs them.
struct CommandNames {
    /// One first word: a command, or the first of a family's two.
    struct Entry {
        let word: String
        let summary: String
        /// The second words and what each does; empty for a command of one word.
        let actions: [(word: String, summary: String)]
    }

    let commands: [Command]
    /// By first word, in the order of the commands.
    let entries: [Entry]

    init(_ commands: [Command]) {
        self.commands = commands
        var words: [String] = []
        for command in commands {
            let first = String(command.name.prefix { $0 != " " })
            if !words.contains(first) { words.append(first) }
        }
        entries = words.map { word in
            let actions = commands.filter { $0.name.hasPrefix(word + " ") }
                .map { (String($0.name.dropFirst(word.count + 1)), $0.summary) }
            let summary =
                commands.first { $0.name == word }?.summary ?? actions.map(\.0).joined(separator: ", ")
            return Entry(word: word, summary: summary, actions: actions)
        }
    }

    /// The first words that a second one follows.
    var families: [Entry] { entries.filter { !$0.actions.isEmpty } }
}

extension Command {
    /// What the positional arguments may be, when their placeholder lists it.
    var positionalChoices: [String] { positional.map(Option.choices) ?? [] }
}

/// `text` in single quotes, as all three shells take it.
func shellQuoted(_ text: String, quote: String = #"'\''"#) -> String {
    "'" + text.replacing("'", with: quote) + "'"
}
