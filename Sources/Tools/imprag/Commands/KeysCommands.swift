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
        NAME has 1 to 64 letters, digits, '-', '_' and '.'. docs/security.md explains keys.
        """,
    positional: "NAME",
    options: [
        .required("role", "read|write|admin|node", "what it may do"), listOption,
        .optional("out", "FILE", "the key file, which must not be there yet (default: NAME.key)"),
        .flag("json", "print one JSON object"),
    ],
    example: "imprag keys create alice --role write",
    run: { arguments in
        let name = try holder(arguments)
        guard let role = try arguments.choice("role", as: KeyRole.self) else {
            throw UsageError(message: "--role is missing")
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

let keysListCommand = Command(
    name: "keys list",
    summary: "Lists the keys that a cluster lets in",
    discussion: "Their names, roles, when they were made, and their public halves.",
    options: [listOption, .flag("json", "print one JSON object")],
    example: "imprag keys list",
    run: { arguments in
        let list = try store(arguments).list()
        if arguments.has("json") {
            var line = JSONLine()
            line.add("server", list.serverKey)
            line.add("keys", list.keys.map(json))
            return try writeLine(line.line)
        }
        try writeLine(
            table(
                [["name", "role", "made", "public key"]]
                    + list.keys.map { [$0.name, $0.role.rawValue, $0.created, $0.publicKey] }))
    }
)

let keysRevokeCommand = Command(
    name: "keys revoke",
    summary: "Lets a key in no longer",
    discussion: """
        Takes the key from the list. Running nodes refuse its requests within a second, also on connections that stand; answers that have begun are
        finished.
        """,
    positional: "NAME",
    options: [listOption],
    example: "imprag keys revoke alice",
    run: { arguments in
        let key = try store(arguments).revoke(try holder(arguments))
        try writeLine("the key of \(key.name) is revoked")
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
