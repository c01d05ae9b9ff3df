import Client
import Core
import Platform

let mcpCommand = Command(
    name: "mcp",
    summary: "Lets assistants search and ask the cluster, by the Model Context Protocol",
    discussion: """
        An assistant starts this command and talks to it over standard input and output, one JSON-RPC message a line. It gets
        two tools: `search` finds passages, `ask` has the cluster's model read them and answer. Each call may take --deadline.
        It needs no cluster to start with: calls fail until there is one. It ends with its input, after the calls that run.
        """,
    options: clientOptions,
    example: "imprag mcp --endpoint tcp://127.0.0.1:7100",
    run: { arguments in
        _ = try deadline(arguments)
        let client = try makeClient(arguments)
        defer { client.close() }
        let input = try InputLines(limitBytes: MCPServer.messageLimitBytes)
        let server = MCPServer(client: client) { try deadline(arguments) }
        while let line = try await input.next() {
            if !line.isBlank { await server.take(line) }
        }
        await server.finish()
    }
)
