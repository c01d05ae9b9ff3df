import Client
import Core
import Gateway
import Platform

let gatewayCommand = Command(
    name: "gateway",
    summary: "Serves a running cluster by HTTP, as OpenAI's clients speak it",
    discussion: """
        Answers /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/models, /v1/collections, /v1/search, /v1/passages and /v1/status until
        SIGINT or SIGTERM.
        A file of --keys has lines `ROLE SECRET NAME`, of the roles read, write and admin; clients send Authorization: Bearer SECRET.
        Without keys it listens on this machine alone. docs/gateway.md has the requests.
        """,
    options: [
        .optional(
            "endpoint", "ENDPOINT",
            "the coordinator, or several with commas between them (default: \(Endpoint.defaultCoordinator), where `imprag up` listens)"
        ),
        .optional("listen", "HOST:PORT", "where to serve HTTP (default: \(Gateway.defaultAddress))"),
        .optional("keys", "FILE", "the keys of HTTP clients (default: none)"),
        .optional(
            "collections", "NAMES",
            "the collections to list as models, with commas between them (default: all that are served, and their aliases)"
        ),
        .optional(
            "key", "FILE",
            "the gateway's own key file, for coordinators on other machines (default: IMPRAG_KEY, else none)"
        ),
    ],
    example: "imprag gateway --endpoint tcp://127.0.0.1:7100",
    run: { arguments in
        let address = try httpAddress("listen", arguments)
        guard address.isLocal || arguments.has("keys") else {
            throw UsageError(
                message:
                    "other machines reach --listen \(arguments.string("listen") ?? ""), and without keys everybody would be let in; "
                    + "give --keys FILE, or listen on 127.0.0.1")
        }
        let endpoints = coordinatorEndpoints(arguments)
        let keyFile = arguments.string("key") ?? keyFileOfEnvironment()
        let gateway = try Gateway(
            address: address, keysPath: arguments.string("keys"),
            collections: arguments.string("collections")?.split(separator: ",").map(String.init) ?? [],
            clock: SystemClock.shared
        ) { collection throws(ImpRAGError) in
            try ClusterClient(endpoints: endpoints, collection: collection, keyFile: keyFile)
        }
        StandardStream.output.writeLine("ready: \(gateway.url)")
        try await NamedThread.run("gateway") { () throws(ImpRAGError) in try gateway.run() }
    }
)

/// The address that the option `name` gives, else the default.
func httpAddress(_ name: String, _ arguments: Arguments) throws -> Endpoint {
    let text = arguments.string(name) ?? Gateway.defaultAddress
    do {
        return try Endpoint("tcp://" + text)
    } catch {
        throw UsageError(message: "--\(name) is \"\(text)\"; HOST:PORT is right, as in \(Gateway.defaultAddress)")
    }
}
