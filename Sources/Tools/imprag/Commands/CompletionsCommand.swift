let completionsCommand = Command(
    name: "completions",
    summary: "Prints a script that completes this command line in a shell",
    discussion: """
        The script knows the commands and options of this version, and what the options take where that is a choice; everything
        else completes to files. Debian packages bring all three. bash: save it as
        ~/.local/share/bash-completion/completions/imprag. zsh: as _imprag in a directory of $fpath. fish: as
        ~/.config/fish/completions/imprag.fish.
        """,
    positional: "bash|zsh|fish",
    options: [],
    example: "source <(imprag completions bash)",
    run: { arguments in
        let names = CommandNames(commands)
        switch arguments.words {
        case ["bash"]: try writeLine(bashCompletion(names))
        case ["zsh"]: try writeLine(zshCompletion(names))
        case ["fish"]: try writeLine(fishCompletion(names))
        default: throw UsageError(message: "one of bash, zsh and fish is right")
        }
    }
)
