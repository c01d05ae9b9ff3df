import Client
import Cluster
import Core
import HTTPServer
import Page
import Wire

/// Answers HTTP requests by asking coordinators. Any thread may use it.
final class GatewayService: Sendable {
    private let clients: GatewayClients
    private let keys: GatewayKeys?
    private let crossOrigin: CrossOrigin
    /// The collections that are listed as models; empty: all that are served, with their aliases.
    private let models: [String]
    private let clock: any Clock
    private let metrics: GatewayMetrics
    private let log: Log

    /// How long a status may take.
    private static let statusMilliseconds = 5000
    /// How long a list of models waits for coordinators: clients ask for it before everything else.
    private static let listMilliseconds = 2000
    /// A body that is read in no time.
    private static let shortBytes = 16 << 10

    init(
        clients: GatewayClients, keys: GatewayKeys?, crossOrigin: CrossOrigin, models: [String], clock: any Clock,
        metrics: GatewayMetrics, log: Log
    ) {
        self.clients = clients
        self.keys = keys
        self.crossOrigin = crossOrigin
        self.models = models
        self.clock = clock
        self.metrics = metrics
        self.log = log
    }

    func close() { clients.close() }

    /// Answers `request` from a task of its own.
    func answer(_ request: HTTPServerRequest, _ responder: HTTPResponder) {
        let start = clock.now
        let executor = Self.isShort(request) ? CallerExecutor.shared : nil
        let work = Task(executorPreference: executor) { [self] in await handle(request, responder, since: start) }
        responder.onGone { CallerExecutor.cancel(work) }
    }

    /// Whether its steps may run on the thread that serves everybody: reading it and writing its answer takes no time.
    private static func isShort(_ request: HTTPServerRequest) -> Bool {
        // A short text has a vector as long as any.
        request.body.count <= shortBytes && request.path != "/v1/embeddings"
    }

    private func handle(
        _ request: HTTPServerRequest, _ responder: HTTPResponder, since start: ContinuousClock.Instant
    ) async {
        var route: GatewayRoute?
        var failure: GatewayFailure?
        do throws(GatewayFailure) {
            let origin = request.headers["origin"]
            responder.add(headers: crossOrigin.headers(for: origin))
            try ForeignPage.refuse(
                origin: origin, host: request.headers["host"], hasKeys: keys != nil, except: crossOrigin)
            if let preflight = crossOrigin.preflight(request) {
                responder.respond(preflight)
                return metrics.record(nil, status: preflight.status, duration: clock.now - start)
            }
            let known = try GatewayRoute(method: request.method, path: request.path)
            route = known
            try BodyCoding.refuse(request.headers["content-encoding"])
            let admission = try admit(request, known, responder)
            failure = try await take(known, request, responder, admission)
        } catch {
            failure = error
            responder.respond(error.response)
        }
        metrics.record(route, status: failure?.status ?? 200, duration: clock.now - start)
        // That nodes are not ready yet is what /readyz is asked for.
        if let failure, route != .readiness { tell(of: failure.error, request) }
    }

    /// Lets a client in by its key, within its limits; nil where none is needed.
    private func admit(
        _ request: HTTPServerRequest, _ route: GatewayRoute, _ responder: HTTPResponder
    ) throws(GatewayFailure) -> Admission? {
        guard let keys, let role = route.role else { return nil }
        let admission = try keys.admit(request.headers["authorization"], for: role)
        defer { responder.add(headers: admission.allowance.headers) }
        try admission.allowance.begin(needsTokens: route.costsTokens)
        return admission
    }

    /// Tells the operator of an error that is not its caller's, once a second at most.
    private func tell(of error: ImpRAGError, _ request: HTTPServerRequest) {
        guard [.internal, .dataLoss, .unavailable].contains(error.code), metrics.isTimeToTell(clock.now) else { return }
        log.write("gateway: \(request.method) \(request.path) failed: \(error)", level: .error)
    }

    /// Returns what has ended a stream early: its client has status 200 by then.
    private func take(
        _ route: GatewayRoute, _ request: HTTPServerRequest, _ responder: HTTPResponder, _ admission: Admission?
    ) async throws(GatewayFailure) -> GatewayFailure? {
        let response: HTTPServerResponse
        switch route {
        case .completion(let isChat):
            return try await complete(AnswerRequest(request.body, isChat: isChat), responder, admission)
        case .models:
            var line = JSONLine()
            line.add("object", "list")
            line.add("data", await listedModels().map(Self.model))
            response = HTTPServerResponse(json: line)
        case .model(let name):
            guard await listedModels().contains(name) else {
                throw GatewayFailure(ImpRAGError(.notFound, "there is no model \"\(name)\""), param: "model")
            }
            response = HTTPServerResponse(json: Self.model(name))
        case .embeddings:
            response = HTTPServerResponse(json: try await embed(EmbeddingsRequest(request.body), admission))
        case .collections:
            var line = JSONLine()
            line.add("object", "list")
            line.add("data", try await collections().map { json($0) })
            response = HTTPServerResponse(json: line)
        case .collection(let name): response = HTTPServerResponse(json: json(try await collection(name)))
        case .search: response = HTTPServerResponse(json: try await search(request.body))
        case .upsert: response = HTTPServerResponse(json: try await upsert(request.body))
        case .delete: response = HTTPServerResponse(json: try await delete(DeletionBody(request.body)))
        case .deletePassage(let id): response = HTTPServerResponse(json: try await delete(DeletionBody(id: id)))
        case .status:
            var line = JSONLine()
            line.add("nodes", try await status().map { json($0) })
            response = HTTPServerResponse(json: line)
        case .health: response = HTTPServerResponse(status: 200, text: "ok")
        case .readiness:
            let others = try await status().filter { $0.state != .ready }
            guard others.isEmpty else {
                let names = others.map(\.name).joined(separator: ", ")
                throw GatewayFailure(ImpRAGError(.unavailable, "not ready: \(names)"))
            }
            response = HTTPServerResponse(status: 200, text: "ready")
        case .metrics:
            response = HTTPServerResponse(
                status: 200, headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
                body: Array(metrics.registry.families.prometheusText.utf8))
        case .description:
            response = HTTPServerResponse(
                status: 200, headers: ["Content-Type": "application/json"],
                body: Array(OpenAPI.document(dimensions: await dimensions()).utf8))
        case .page(let file):
            response = Self.page(file, unlessKnown: request.headers["if-none-match"])
        }
        responder.respond(response)
        return nil
    }

    /// A file of the page; of one that the browser has, only that it is the same.
    private static func page(_ file: PageFile, unlessKnown tag: String?) -> HTTPServerResponse {
        var headers = PageFiles.headers
        headers["ETag"] = file.entityTag
        if tag == file.entityTag { return HTTPServerResponse(status: 304, headers: headers) }
        headers["Content-Type"] = file.contentType
        return HTTPServerResponse(status: 200, headers: headers, body: file.bytes)
    }

    private static func model(_ name: String) -> JSONLine {
        var line = JSONLine()
        line.add("id", name)
        line.add("object", "model")
        line.add("created", 0)
        line.add("owned_by", "imprag")
        return line
    }

    private func listedModels() async -> [String] {
        guard models.isEmpty else { return models }
        let served = (try? await collections(milliseconds: Self.listMilliseconds)) ?? []
        // A collection of the name "default" is listed once.
        var names = ["default"]
        for name in served.flatMap({ [$0.name] + $0.aliases }) where !name.isEmpty && !names.contains(name) {
            names.append(name)
        }
        return names
    }

    /// Of the embeddings of what is served, as far as anybody may know that: with keys, the document needs none.
    private func dimensions() async -> [Int] {
        guard keys == nil else { return [] }
        let served = (try? await collections(milliseconds: Self.listMilliseconds)) ?? []
        return Set(served.map(\.dimension)).subtracting([0]).sorted()
    }

    private func collections(
        milliseconds: Int = GatewayService.statusMilliseconds
    ) async throws(GatewayFailure) -> [CollectionStatus] {
        try await call("") { client throws(ImpRAGError) in
            try await client.collections(deadline: .after(milliseconds: milliseconds, on: clock))
        }
    }

    /// By its name or an alias.
    private func collection(_ name: String) async throws(GatewayFailure) -> CollectionStatus {
        guard let collection = CollectionStatus(try await status(of: name)) else {
            throw GatewayFailure(ImpRAGError(.unavailable, "no coordinator has answered"))
        }
        return collection
    }

    private func embed(
        _ request: EmbeddingsRequest, _ admission: Admission?
    ) async throws(GatewayFailure) -> JSONLine {
        var account = TokenAccount(request.texts, admission?.allowance)
        let embeddings: Embeddings
        do throws(GatewayFailure) {
            embeddings = try await call(request.model) { client throws(ImpRAGError) in
                try await client.embed(
                    EmbedRequest(texts: request.texts, role: request.role),
                    deadline: .after(milliseconds: request.milliseconds, on: clock))
            }
        } catch {
            account.count(read: 0)
            throw error
        }
        account.count(read: embeddings.tokenCounts.reduce(0, +))
        return try request.json(embeddings)
    }

    private func status(of model: String = "") async throws(GatewayFailure) -> [NodeStatus] {
        try await call(model) { client throws(ImpRAGError) in
            try await client.status(deadline: .after(milliseconds: Self.statusMilliseconds, on: clock))
        }
    }

    private func search(_ body: [UInt8]) async throws(GatewayFailure) -> JSONLine {
        var fields = try RequestFields(body: body)
        let query = try fields.requiredString("query")
        let model = try fields.string("model") ?? ""
        let settings = try fields.searchSettings()
        try fields.refuseOthers()
        let request = SearchRequest(
            prompt: query, k: settings.k, completeness: settings.completeness, options: settings.options,
            words: settings.words)
        let reply = try await call(model) { client throws(ImpRAGError) in
            try await client.search(request, deadline: .after(milliseconds: settings.milliseconds, on: clock))
        }
        var line = JSONLine()
        line.add("object", "list")
        line.add("data", json(reply.passages, attention: nil))
        line.add("complete", reply.completeness.isComplete)
        line.add("completeness", json(reply.completeness))
        line.add("timings_ms", json(reply.timings))
        return line
    }

    private func upsert(_ body: [UInt8]) async throws(GatewayFailure) -> JSONLine {
        let update = try UpsertBody(body)
        let reply = try await call(update.model) { client throws(ImpRAGError) in
            try await client.upsert(
                update.passages, wait: update.wait, deadline: .after(milliseconds: update.milliseconds, on: clock))
        }
        var line = JSONLine()
        line.add("object", "passages.upserted")
        line.add("passages", update.passages.count)
        if reply.found {
            line.add("inserted", reply.inserted)
            line.add("replaced", reply.replaced)
        }
        line.add("cut", reply.cut)
        line.add("epoch", reply.epoch)
        line.add("found", reply.found)
        return line
    }

    private func delete(_ deletion: DeletionBody) async throws(GatewayFailure) -> JSONLine {
        let reply = try await call(deletion.model) { client throws(ImpRAGError) in
            try await client.delete(
                ids: deletion.ids, wait: deletion.wait, deadline: .after(milliseconds: deletion.milliseconds, on: clock)
            )
        }
        var line = JSONLine()
        line.add("object", "passages.deleted")
        if reply.found { line.add("deleted", reply.deleted) }
        line.add("ids", deletion.ids.count)
        line.add("epoch", reply.epoch)
        line.add("found", reply.found)
        return line
    }

    private func call<Reply: Sendable>(
        _ model: String, _ body: (ClusterClient) async throws(ImpRAGError) -> Reply
    ) async throws(GatewayFailure) -> Reply {
        do throws(ImpRAGError) {
            return try await body(try clients.client(for: model))
        } catch {
            throw clients.failure(error, for: model)
        }
    }

    // MARK: - Answers

    /// Returns what has ended a stream early.
    private func complete(
        _ request: AnswerRequest, _ responder: HTTPResponder, _ admission: Admission?
    ) async throws(GatewayFailure) -> GatewayFailure? {
        let answer: AskStream
        do throws(ImpRAGError) {
            answer = try clients.client(for: request.model)
                .ask(request.ask, deadline: .after(milliseconds: request.milliseconds, on: clock))
        } catch {
            throw clients.failure(error, for: request.model)
        }
        // At once, also while the request waits in a queue.
        responder.onGone { answer.cancel() }
        admission?.onRevoked { answer.cancel() }
        var account = TokenAccount(request.ask, admission?.allowance)
        var writer = CompletionWriter(request)
        let stream = EventStream(responder, clock: clock)
        let keeper = request.isStream ? Task { await stream.keepAlive() } : nil
        if request.isStream { metrics.beginStream() }
        defer {
            keeper?.cancel()
            if request.isStream { metrics.endStream() }
        }
        do throws(ImpRAGError) {
            while let event = try await answer.next() {
                account.count(event)
                let chunks = writer.chunks(event)
                if request.isStream {
                    for chunk in chunks where !stream.send(chunk.line) {
                        answer.cancel()
                        return GatewayFailure(ImpRAGError(.cancelled, "the client has gone, or is too slow"))
                    }
                    if case .done = event { _ = stream.send("[DONE]") }
                } else if case .done(let done) = event {
                    responder.respond(HTTPServerResponse(json: writer.whole(done)))
                }
            }
        } catch {
            let failure = admission?.failure ?? clients.failure(error, for: request.model)
            guard stream.hasBegun else { throw failure }
            _ = stream.send(failure.json.line)
            stream.finish()
            return failure
        }
        if request.isStream { stream.finish() }
        return nil
    }
}
