/// A completion function for bash 4 and later. Where it offers nothing, readline completes files.
func bashCompletion(_ names: CommandNames) -> String {
    let families = names.families.map(\.word).joined(separator: "|")
    let actions = names.families.map { family in
        "            \(family.word)) words='\(family.actions.map(\.word).joined(separator: " "))' ;;"
    }
    let values = names.commands.flatMap { command in
        command.options.filter { !$0.choices.isEmpty }.map { option in
            "        '\(command.name) --\(option.name)') words='\(option.choices.joined(separator: " "))' ;;"
        }
    }
    let options = names.commands.map { command in
        let words = command.options.map { "--\($0.name)" } + ["--help"]
        return "            '\(command.name) -'*) words='\(words.joined(separator: " "))' ;;"
    }
    let positionals = names.commands.filter { !$0.positionalChoices.isEmpty }.map { command in
        "            '\(command.name) '*) words='\(command.positionalChoices.joined(separator: " "))' ;;"
    }
    return """
        # bash completion of imprag, made by `imprag completions bash`.
        _imprag() {
            local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words='' first=1
            # `=` is a word of its own.
            if [[ $current == '=' ]]; then
                current=''
            elif [[ $previous == '=' ]]; then
                previous=${COMP_WORDS[COMP_CWORD-2]}
            fi
            COMPREPLY=()
            case $command in \(families)) command+=" ${COMP_WORDS[2]}"; first=2 ;; esac
            if (( COMP_CWORD == 1 )); then
                words='\(names.entries.map(\.word).joined(separator: " ")) --help --version'
            elif (( COMP_CWORD <= first )); then
                case ${COMP_WORDS[1]} in
        \(actions.joined(separator: "\n"))
                esac
            else
                case "$command $previous" in
        \(values.joined(separator: "\n"))
                *)
                    case "$command $current" in
        \((options + positionals).joined(separator: "\n"))
                    esac ;;
                esac
            fi
            COMPREPLY=($(compgen -W "$words" -- "$current"))
        }
        complete -o default -F _imprag imprag
        """
}
