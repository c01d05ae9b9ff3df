let manCommand = Command(
    name: "man",
    summary: "Prints the manual page, in roff",
    discussion: """
        It has what --help says of every command. Debian packages bring it as imprag(1).
        """,
    options: [],
    example: "imprag man | man -l -",
    run: { _ in try writeLine(manualPage(commands)) }
)
