import Foundation

/// All commands, in the order in which `imprag --help` lists them.
let commands: [Command] = [
    indexCommand, mergeCommand, upCommand, askCommand, replayCommand, searchCommand, upsertCommand, deleteCommand,
    statusCommand,
    evalCommand, compareCommand, planCommand, quantizeCommand, collectionsListCommand, collectionsCreateCommand,
    collectionsSetCommand,
    collectionsDeleteCommand, aliasSetCommand, aliasListCommand, aliasDeleteCommand, reshardCommand,
    snapshotCreateCommand, snapshotListCommand, snapshotDeleteCommand, restoreCommand, verifyCommand,
    storeCheckCommand, keysCreateCommand, keysListCommand, keysRevokeCommand,
    tokenizeCommand, embedCommand, scoreCommand, generateCommand, benchIndexCommand, benchCollectionCommand,
    benchModelCommand, benchRAGCommand,
    benchHandoverCommand, benchLogCommand,
    shardCommand, coordinatorCommand, generatorCommand, gatewayCommand,
    mcpCommand, completionsCommand, manCommand,
]

private let overview = """
    imprag: a passage index and a language model that reads it, as one cluster

    usage: imprag COMMAND [options]        imprag COMMAND --help tells more

    make and use a cluster:
    \(list(["index", "merge", "up", "ask", "replay", "search", "upsert", "delete", "status", "eval"]))

    say what a cluster needs:
    \(list(["plan"]))

    make a smaller model:
    \(list(["quantize"]))

    look after collections, in a directory or an S3 bucket:
    \(list(["collections list", "collections create", "collections set", "collections delete", "alias set",
        "alias list", "alias delete", "snapshot create", "snapshot list", "snapshot delete", "restore", "reshard",
        "verify", "store check"]))

    decide who may use a cluster from other machines:
    \(list(["keys create", "keys list", "keys revoke"]))

    without a cluster, JSON lines from standard input to standard output:
    \(list(["tokenize", "embed", "score", "generate"]))

    measure:
    \(list(["compare", "bench index", "bench collection", "bench model", "bench rag", "bench handover", "bench log"]))

    one node, as `up` and container platforms start it:
    \(list(["shard", "coordinator", "generator", "gateway"]))

    for assistants, shells and readers:
    \(list(["mcp", "completions", "man"]))

    Exit codes: 0 done, 1 failed, 2 the command line is wrong.
    """

private func list(_ names: [String]) -> String {
    commands.filter { names.contains($0.name) }
        .map { "  " + $0.name.padding(toLength: 20, withPad: " ", startingAt: 0) + $0.summary }
        .joined(separator: "\n")
}

/// Finds the command that `words` name and runs it.
func runCommandLine(_ words: [String]) async throws {
    guard let name = words.first else { throw UsageError(message: "which command?\n\n\(overview)") }
    if ["--help", "-h", "help"].contains(name) {
        guard words.count > 1 else { return try writeLine(overview) }
        return try await runCommandLine(words.dropFirst() + ["--help"])
    }
    if name == "--version" { return try writeLine("imprag \(version)") }
    // A name may have two words: the longer match counts.
    let pair = words.prefix(2).joined(separator: " ")
    guard let command = commands.first(where: { $0.name == pair }) ?? commands.first(where: { $0.name == name }) else {
        let family = commands.map(\.name).filter { $0.hasPrefix(name + " ") }
        guard family.isEmpty else {
            let right = family.map { "'imprag \($0)'" }.joined(separator: ", ")
            throw UsageError(message: "\(pair) is no command; one of \(right) is right")
        }
        throw UsageError(
            message:
                "there is no command '\(name)'\(Arguments.suggestion(name, commands.map(\.name))); imprag --help lists them"
        )
    }
    let rest = Array(words.dropFirst(command.name == pair ? 2 : 1))
    if rest.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
        return try writeLine(command.help)
    }
    do {
        try await command.run(Arguments(rest, options: command.options, positional: command.positional))
    } catch let error as UsageError {
        throw UsageError(message: "\(error.message)\n\(command.usage)")
    }
}
