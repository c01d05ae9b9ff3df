/// A completion function for zsh, for a directory of `$fpath` or to be sourced.
func zshCompletion(_ names: CommandNames) -> String {
    let entries = names.entries.map { described($0.word, $0.summary) }
    let families = names.families.map { family in
        let actions = family.actions.map { described($0.word, $0.summary) }
        return """
                \(family.word))
                    words_here=(\(actions.joined(separator: " ")))
                    if (( CURRENT == 3 )); then _describe action words_here; return; fi
                    command+=" $words[3]"
                    shift words; (( CURRENT-- )) ;;
            """
    }
    let commands = names.commands.map { command in
        let specifications =
            command.options.map(specification) + ["'--help[what the command does]'"]
            + (command.positional.map { [positional($0)] } ?? [])
        return "        '\(command.name)') _arguments \(specifications.joined(separator: " ")) ;;"
    }
    return """
        #compdef imprag
        # zsh completion of imprag, made by `imprag completions zsh`.
        _imprag() {
            local command=$words[2]
            local -a words_here
            words_here=(\(entries.joined(separator: " ")))
            if (( CURRENT == 2 )); then _describe command words_here; return; fi
            case $command in
        \(families.joined(separator: "\n"))
            esac
            shift words; (( CURRENT-- ))
            case $command in
        \(commands.joined(separator: "\n"))
            esac
        }
        if [[ $funcstack[1] == _imprag ]]; then _imprag "$@"; else compdef _imprag imprag; fi
        """
}

/// A word with its description, for `_describe`.
private func described(_ word: String, _ text: String) -> String {
    shellQuoted(word + ":" + escaped(text, ":"))
}

/// An option, for `_arguments`.
private func specification(_ option: Option) -> String {
    let text = "[\(escaped(option.help, "[]:"))]"
    guard let value = option.value else { return shellQuoted("--\(option.name)\(text)") }
    return shellQuoted((option.isList ? "*" : "") + "--\(option.name)=\(text):\(action(value))")
}

private func positional(_ placeholder: String) -> String { shellQuoted("*:\(action(placeholder))") }

/// What a value is called and what completes it.
private func action(_ placeholder: String) -> String {
    let choices = Option.choices(placeholder)
    return choices.isEmpty
        ? escaped(placeholder, ":") + ":_files" : "value:(\(choices.joined(separator: " ")))"
}

/// `text` with a backslash before each of `characters` and before backslashes.
private func escaped(_ text: String, _ characters: String) -> String {
    String(text.flatMap { $0 == "\\" || characters.contains($0) ? ["\\", $0] : [$0] })
}
