import Core
import Storage

private let store = """
    LOCATION is the directory or bucket that the collections lie in, each right below it, as `imprag collections list` shows them: of the
    collections s3://wiki/wiki-1 and s3://wiki/wiki-2 it is s3://wiki, of the index directory ./index it is '.'.
    """

let aliasSetCommand = Command(
    name: "alias set",
    summary: "Lets a name stand for a collection",
    discussion: """
        NAME then means COLLECTION for every client that says --collection NAME, at once: an alias moves as a whole, and coordinators follow
        it within a second. With clusters of the old and the new collection running, and clients that know the coordinators of both, no request
        fails; what a coordinator has begun it finishes. Updates are another matter: what the old collection takes is not in the new one. Make
        the old one --read-only first (`imprag collections set`), or let `imprag reshard --alias` move the alias.

        With --expect the alias is moved only if it stands for OLD: of two that move it, one learns that it was too late. \(store)
        """,
    positional: "LOCATION NAME COLLECTION",
    options: [.optional("expect", "OLD", "the collection that NAME must stand for until now")],
    example: "imprag alias set s3://wiki wiki wiki-2 --expect wiki-1",
    run: { arguments in
        let words = arguments.words
        guard words.count == 3 else { throw UsageError(message: "LOCATION, NAME and COLLECTION are right") }
        let old = try CollectionAliases(CollectionPlace(words[0], for: .changing).store).set(
            words[1], to: words[2], expecting: arguments.string("expect"), deadline: .never)
        let before = old.map { $0 == words[2] ? ", as before" : ", and no longer for \($0)" } ?? ""
        try writeLine("\(words[1]) stands for \(words[2])\(before)")
    }
)

let aliasListCommand = Command(
    name: "alias list",
    summary: "Lists the aliases of a directory or bucket",
    discussion: "Names, and the collections that they stand for. \(store)",
    positional: "LOCATION",
    options: [.flag("json", "print one JSON object")],
    example: "imprag alias list s3://wiki",
    run: { arguments in
        guard arguments.words.count == 1 else { throw UsageError(message: "one LOCATION is right") }
        let place = try CollectionPlace(arguments.words[0], for: .existing)
        let aliases = try CollectionAliases(place.store).all(deadline: .never)
        if arguments.has("json") {
            var line = JSONLine()
            line.add(
                "aliases",
                aliases.map { alias in
                    var line = JSONLine()
                    line.add("name", alias.name)
                    line.add("collection", alias.collection)
                    return line
                })
            return try writeLine(line.line)
        }
        guard !aliases.isEmpty else { return try writeLine("no aliases in \(place.location)") }
        let rows = aliases.map { [$0.name, TerminalText.visible($0.collection)] }
        try writeLine(table([["name", "collection"]] + rows))
    }
)

let aliasDeleteCommand = Command(
    name: "alias delete",
    summary: "Takes an alias away",
    discussion: "Its collection stays as it is; requests by that name are refused from then on. \(store)",
    positional: "LOCATION NAME",
    options: [],
    example: "imprag alias delete s3://wiki wiki",
    run: { arguments in
        guard arguments.words.count == 2 else { throw UsageError(message: "LOCATION and NAME are right") }
        let (location, name) = (arguments.words[0], arguments.words[1])
        try CollectionAliases(CollectionPlace(location, for: .changing).store).delete(name, deadline: .never)
        try writeLine("\(name) stands for nothing any more")
    }
)
