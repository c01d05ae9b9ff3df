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
        With --keys, the cluster's key list, clients send a key that `imprag keys create NAME --role ROLE --bearer` has made: Authorization: Bearer
        SECRET. The list is looked at again and again, and so are certificate and key. Without keys it listens on this machine alone; with keys and
        without TLS too, unless --insecure-http is given. docs/gateway.md has the requests.
        """,
    options: [
        .optional(
            "endpoint", "ENDPOINT",
            "the coordinator, or several with commas between them (default: \(Endpoint.defaultCoordinator), where `imprag up` listens)"
        ),
        .optional("listen", "HOST:PORT", "where to serve HTTP (default: \(Gateway.defaultAddress))"),
        .optional("keys", "FILE", "the cluster's key list, which has the keys of HTTP clients too (default: none)"),
        .optional("tls-cert", "FILE", "serve HTTPS with these certificates: PEM, the server's first"),
        .optional("tls-key", "FILE", "with --tls-cert: its key, PEM, which not every user may read"),
        .flag("insecure-http", "take keys of other machines in clear text: a proxy in front encrypts"),
        Option(
            name: "cors", value: "ORIGIN",
            help: "let pages of these other servers ask, as in https://app.example.com (default: none)", isList: true),
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
        let options = try gatewayOptions(arguments)
        if let problem = options.problem(at: address) { throw UsageError(message: problem) }
        let endpoints = try coordinatorEndpoints(arguments)
        let keyFile = arguments.string("key") ?? keyFileOfEnvironment()
        let gateway = try Gateway(
            address: address, options: options,
            collections: arguments.string("collections")?.split(separator: ",").map(String.init) ?? [],
            clock: SystemClock.shared, client: ClusterClient(endpoints: endpoints, keyFile: keyFile))
        StandardStream.output.writeLine("ready: \(gateway.url)")
        try await NamedThread.run("gateway") { () throws(ImpRAGError) in try gateway.run() }
    }
)

private func gatewayOptions(_ arguments: Arguments) throws -> GatewayOptions {
    var options = GatewayOptions()
    options.keysPath = arguments.string("keys")
    switch (arguments.string("tls-cert"), arguments.string("tls-key")) {
    case (let certificate?, let key?): options.tls = GatewayOptions.TLSPaths(certificate: certificate, key: key)
    case (nil, nil): break
    default: throw UsageError(message: "--tls-cert and --tls-key go together")
    }
    options.isInsecure = arguments.has("insecure-http")
    options.origins = arguments.strings("cors")
    return options
}

/// The address that the option `name` gives, else the default.
func httpAddress(_ name: String, _ arguments: Arguments) throws -> Endpoint {
    let text = arguments.string(name) ?? Gateway.defaultAddress
    do {
        return try Endpoint("tcp://" + text)
    } catch {
        throw UsageError(message: "--\(name) is \"\(text)\"; HOST:PORT is right, as in \(Gateway.defaultAddress)")
    }
}
