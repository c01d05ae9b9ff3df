import Client
import Core
import Platform
import Wire

/// A server of the Model Context Protocol: takes lines, writes lines, and runs calls beside each other. The actor owns
/// the calls and standard output, on which nothing but the protocol may stand.
///
/// Source: the protocol's specification, revisions 2024-11-05 to 2025-06-18.
actor MCPServer {
    /// Newest first: that is what a client of another revision is offered.
    private static let versions = ["2025-06-18", "2025-03-26", "2024-11-05"]
    /// Far above any prompt; the cluster has limits of its own.
    static let messageLimitBytes = 8 << 20
    /// Calls that may run at once.
    private static let callLimit = 64

    private let client: ClusterClient
    private let deadline: @Sendable () throws -> Deadline
    /// The calls that run, by their ids as JSON.
    private var calls: [ByteString: Task<Void, Never>] = [:]

    init(client: ClusterClient, deadline: @escaping @Sendable () throws -> Deadline) {
        self.client = client
        self.deadline = deadline
    }

    /// Takes a line. Calls go on after it returns.
    func take(_ line: FileLineReader.Line) {
        do throws(MCPFailure) {
            // Each answer of a batch is a line of its own, because its calls end at different times.
            for value in try MCPMessage.values(of: line) { take(value) }
        } catch {
            refuse(error, id: nil)
        }
    }

    /// Waits for the calls that run.
    func finish() async {
        for call in calls.values { await call.value }
    }

    // MARK: Messages

    private func take(_ value: JSONValue) {
        do throws(MCPFailure) {
            guard let message = try MCPMessage(value) else { return }
            guard let id = message.id else { return notice(message) }
            switch message.method {
            case "initialize": answer(id, try introduction(message.parameters))
            case "ping": answer(id, JSONLine())
            case "tools/list":
                var result = JSONLine()
                result.add("tools", MCPTool.allCases.map(\.definition))
                answer(id, result)
            case "tools/call": try begin(id, message.parameters)
            default: throw .unknownMethod(message.method)
            }
        } catch {
            refuse(error, id: MCPMessage.id(of: value))
        }
    }

    /// Notifications are never answered, not even wrong ones.
    private func notice(_ message: MCPMessage) {
        guard message.method == "notifications/cancelled",
            let id = MCPMessage.id(of: .object(["id": (try? message.parameters.member("requestId").value) ?? .null]))
        else { return }
        calls[ByteString(id)]?.cancel()
    }

    private func introduction(_ parameters: JSONField) throws(MCPFailure) -> JSONLine {
        let asked: String
        do {
            asked = try parameters.required("protocolVersion").string()
        } catch {
            throw .invalidParameters(error.message)
        }
        var result = JSONLine()
        result.add("protocolVersion", Self.versions.contains(asked) ? asked : Self.versions[0])
        result.add("capabilities", raw: #"{"tools":{}}"#)
        var server = JSONLine()
        server.add("name", "imprag")
        server.add("version", version)
        result.add("serverInfo", server)
        return result
    }

    // MARK: Calls

    private func begin(_ id: String, _ parameters: JSONField) throws(MCPFailure) {
        let key = ByteString(id)
        guard calls[key] == nil else { throw .invalidRequest("the call \(id) still runs") }
        let request: MCPRequest
        var token: String?
        do throws(ImpRAGError) {
            let name = try parameters.required("name")
            guard let tool = MCPTool(rawValue: try name.string()) else {
                throw name.failure("must be one of \(MCPTool.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            let arguments = try parameters.member("arguments")
            request = try tool.request(
                arguments.isNull
                    ? JSONField(path: arguments.path, name: arguments.name, value: .object([:])) : arguments)
            if let meta = try parameters.optional("_meta") {
                token = MCPMessage.id(of: .object(["id": try meta.member("progressToken").value]))
            }
        } catch {
            throw .invalidParameters(error.message)
        }
        guard calls.count < Self.callLimit else {
            return answer(
                id,
                MCPResult(ImpRAGError(.resourceExhausted, "\(calls.count) calls run, which is the limit; try later"))
                    .line)
        }
        // Runs on this actor, so it starts only after its entry below is made.
        calls[key] = Task {
            let result = await run(request, progress: token)
            calls[key] = nil
            // Nobody waits for what was cancelled.
            if !Task.isCancelled { answer(id, result.line) }
        }
    }

    private func run(_ request: MCPRequest, progress token: String?) async -> MCPResult {
        do {
            switch request {
            case .search(let request): return MCPResult(try await client.search(request, deadline: deadline()))
            case .ask(let request):
                var answer = Answer(words: request.words.mode)
                var parts = 0
                try await answer.read(client.ask(request, deadline: deadline())) { text in
                    parts += 1
                    if let token { report(parts, text, token) }
                }
                return MCPResult(answer)
            }
        } catch {
            return MCPResult(error)
        }
    }

    // MARK: Output

    private func report(_ count: Int, _ text: String, _ token: String) {
        var parameters = JSONLine()
        parameters.add("progressToken", raw: token)
        parameters.add("progress", count)
        parameters.add("message", text)
        var line = JSONLine()
        line.add("jsonrpc", "2.0")
        line.add("method", "notifications/progress")
        line.add("params", parameters)
        send(line)
    }

    private func answer(_ id: String, _ result: JSONLine) {
        var line = JSONLine()
        line.add("jsonrpc", "2.0")
        line.add("id", raw: id)
        line.add("result", result)
        send(line)
    }

    private func refuse(_ failure: MCPFailure, id: String?) {
        var error = JSONLine()
        error.add("code", failure.code)
        error.add("message", failure.message)
        var line = JSONLine()
        line.add("jsonrpc", "2.0")
        line.add("id", raw: id ?? "null")
        line.add("error", error)
        send(line)
    }

    /// A client that has closed its end has also closed ours, or is about to: the loop ends with the input.
    private func send(_ line: JSONLine) {
        StandardStream.output.writeLine(line.line)
    }
}
