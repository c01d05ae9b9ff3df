import Cluster
import Core
import Foundation
import Messaging

private let listOption = Option.optional("keys", "FILE", "the key list (default: keys.json)")

let keysCreateCommand = Command(
    name: "keys create",
    summary: "Makes a key for a client or a node, and lets it in",
    discussion: """
        Writes a key file for its holder, which nobody else may have, and adds the public half to the key list. Running nodes let the key in
        within a second. The first key makes the list and, beside it, FILE.server: the cluster's own pair of keys, which is only needed to make keys
        of nodes. Roles: read (ask, search, status), write (also upsert and delete), admin (also manage collections), node (be a node).
        With --bearer the key is for a client of `imprag gateway`, which sends it by HTTP (Authorization: Bearer SECRET): the secret is printed, once,
        or written to --out, and only its digest is kept. NAME has 1 to 64 letters, digits, '-', '_' and '.'. docs/security.md explains keys.
        """,
    positional: "NAME",
    options: [
        .required("role", "read|write|admin|node", "what it may do"), listOption,
        .flag("bearer", "make a secret for HTTP"),
        .optional("requests-per-minute", "N", "with --bearer: how many requests each gateway takes (default: any)"),
        .optional(
            "tokens-per-minute", "N", "with --bearer: tokens of prompts and answers, of each gateway (default: any)"),
        .optional(
            "out", "FILE",
            "the key file, which must not be there yet (default: NAME.key; with --bearer: standard output)"),
        .flag("json", "print one JSON object"),
    ],
    example: "imprag keys create alice --role write",
    run: { arguments in
        let name = try holder(arguments)
        guard let role = try arguments.choice("role", as: KeyRole.self) else {
            throw UsageError(message: "--role is missing")
        }
        let limits = KeyLimits(
            requestsPerMinute: try arguments.integer("requests-per-minute", in: KeyLimits.range),
            tokensPerMinute: try arguments.integer("tokens-per-minute", in: KeyLimits.range))
        guard !arguments.has("bearer") else { return try createBearer(name, role, limits, arguments) }
        guard limits == KeyLimits() else {
            throw UsageError(message: "limits a minute are of keys for HTTP; --bearer makes one")
        }
        let output = arguments.string("out") ?? "\(name).key"
        let key = try store(arguments).create(name, role: role, output: output)
        if arguments.has("json") {
            var line = json(key)
            line.add("file", output)
            return try writeLine(line.line)
        }
        try writeLine(
            "\(output) is the key of \(key.name), with the role \(key.role.rawValue); give it to its holder alone")
    }
)

/// The secret alone goes to standard output, so that it can be piped to where it is needed.
private func createBearer(
    _ name: String, _ role: KeyRole, _ limits: KeyLimits, _ arguments: Arguments
) throws {
    guard role != .node else { throw UsageError(message: "--role node is for nodes, which --bearer is not") }
    let output = arguments.string("out")
    let (key, secret) = try store(arguments).createBearer(name, role: role, limits: limits, output: output)
    if arguments.has("json") {
        var line = json(key)
        if let output { line.add("file", output) } else { line.add("secret", secret) }
        return try writeLine(line.line)
    }
    let words = "the secret of \(name), with the role \(role.rawValue); give it to its holder alone"
    guard output == nil else { return try writeLine("\(output ?? "") is \(words)") }
    try writeLine(secret)
    printError("This is \(words). It is not shown again.")
}

let keysListCommand = Command(
    name: "keys list",
    summary: "Lists the keys that a cluster lets in",
    discussion:
        "Their names, roles, when they were made, and their public halves; of keys for HTTP their limits a minute.",
    options: [listOption, .flag("json", "print one JSON object")],
    example: "imprag keys list",
    run: { arguments in
        let list = try store(arguments).list()
        if arguments.has("json") {
            var line = JSONLine()
            line.add("server", list.serverKey)
            line.add("keys", list.keys.map(json))
            line.add("bearers", list.bearers.map(json))
            return try writeLine(line.line)
        }
        let rows = list.keys.map { [$0.name, $0.role.rawValue, $0.created, $0.publicKey] }
        let bearers = list.bearers.map { key in
            let limits = [(key.limits.requestsPerMinute, "requests"), (key.limits.tokensPerMinute, "tokens")]
                .compactMap { limit, noun in limit.map { "\($0) \(noun) a minute" } }
            return [key.name, key.role.rawValue, key.created, (["HTTP"] + limits).joined(separator: ", ")]
        }
        try writeLine(table([["name", "role", "made", "public key"]] + rows + bearers))
    }
)

let keysRevokeCommand = Command(
    name: "keys revoke",
    summary: "Lets a key in no longer",
    discussion: """
        Takes the key from the list. Running nodes refuse its requests within a second, also on connections that stand; answers that have begun are
        finished, except those of a gateway to a key for HTTP, which end.
        """,
    positional: "NAME",
    options: [listOption],
    example: "imprag keys revoke alice",
    run: { arguments in
        let name = try holder(arguments)
        try store(arguments).revoke(name)
        try writeLine("the key of \(name) is revoked")
    }
)

private func store(_ arguments: Arguments) -> KeyStore { KeyStore(path: arguments.string("keys") ?? "keys.json") }

private func holder(_ arguments: Arguments) throws -> String {
    guard arguments.words.count == 1 else { throw UsageError(message: "one NAME is right") }
    return arguments.words[0]
}

private func json(_ key: AccessKey) -> JSONLine {
    var line = JSONLine()
    line.add("name", key.name)
    line.add("role", key.role.rawValue)
    line.add("created", key.created)
    line.add("public", key.publicKey)
    return line
}

private func json(_ key: BearerKey) -> JSONLine {
    var line = JSONLine()
    line.add("name", key.name)
    line.add("role", key.role.rawValue)
    line.add("created", key.created)
    if let limit = key.limits.requestsPerMinute { line.add("requests_per_minute", limit) }
    if let limit = key.limits.tokensPerMinute { line.add("tokens_per_minute", limit) }
    return line
}
