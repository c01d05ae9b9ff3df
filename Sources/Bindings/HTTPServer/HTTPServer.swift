import CMicrohttpd
public import Core
import Glibc
import Platform
import Synchronization

/// Serves HTTP/1.1 with libmicrohttpd: one thread for all connections, kept alive between requests, its own or another
/// one that does its work. With TLS, if it has an identity.
public final class HTTPServer: Sendable {
    /// The port that it listens on.
    public let port: Int

    private let core: ServerCore

    /// What the server answers by itself, from a status and why: before a handler has the request, or when it drops it.
    public typealias Refusal = @Sendable (_ status: Int, _ message: String) -> HTTPServerResponse

    /// Lets a thread call `work` whenever `descriptor` is readable, and after as many milliseconds as it returned; nil:
    /// no sooner. Returns what makes the thread call it soon.
    public typealias Driver = (
        _ descriptor: Int32, _ work: @escaping @Sendable () -> Int?
    ) throws(ImpRAGError) -> @Sendable () -> Void

    /// Listens and serves.
    ///
    /// - Parameters:
    ///   - host: an address of this machine, or a name that stands for one; `*` is all of IPv4.
    ///   - port: 0 is a free one.
    ///   - identity: what it proves with who it is, by TLS 1.2 or 1.3; nil: plain HTTP.
    ///   - refusal: the form of 400, 413, 500, 501 and 503, a text unless given. What is no HTTP, and a head that is
    ///     too long (431), are answered by libmicrohttpd.
    ///   - driver: lets a thread do the server's work that has other work, too; nil: the server has a thread of its
    ///     own.
    ///   - handler: called on the server's thread with every request that has arrived in whole. It must not block: what
    ///     takes time is answered later, from another thread.
    /// - Throws: `failedPrecondition` when nobody can listen there, `resourceExhausted` when the system has no more
    ///   threads or descriptors.
    public init(
        host: String, port: Int, limits: HTTPServerLimits = HTTPServerLimits(), identity: HTTPServerIdentity? = nil,
        refusal: @escaping Refusal = { HTTPServerResponse(status: $0, text: $1) }, driver: Driver? = nil,
        handler: @escaping @Sendable (HTTPServerRequest, HTTPResponder) -> Void
    ) throws(ImpRAGError) {
        var bound: Int32 = 0
        let listening = unsafe imprag_http_listen(host == "*" ? "0.0.0.0" : host, String(port), &bound)
        guard listening >= 0 else {
            throw ImpRAGError(
                .failedPrecondition, "nobody can listen for HTTP at \(host):\(port): \(systemMessage(-listening))")
        }
        self.port = Int(bound)
        let surroundings = Surroundings(limits: limits, refusal: refusal, watcher: try GoneWatcher())
        core = ServerCore(surroundings, identity: identity, handler: handler)
        try core.start(listening, driver)
    }

    deinit {
        core.stop()
    }

    /// Requests that have not been answered in whole.
    public var requestCount: Int { core.requestCount }

    /// Closes every connection, tells those who answer that their clients have gone, and returns when the threads have
    /// ended. Not from the handler.
    public func stop() {
        core.stop()
    }
}

/// What libmicrohttpd's callbacks see of a server.
// Sendable: `daemon` is set before any other thread knows of this, and taken once, under the lock.
@safe final class ServerCore: @unchecked Sendable {
    private struct State {
        var connections: [UInt64: ServedConnection] = [:]
        var lastNumber: UInt64 = 0
        var isStopped = false
    }

    private let surroundings: Surroundings
    private let identity: HTTPServerIdentity?
    private let handler: @Sendable (HTTPServerRequest, HTTPResponder) -> Void
    private let state = Mutex(State())
    private var daemon: OpaquePointer?
    /// Locked by the thread that does the work, where that is another one's; false when there is no more.
    private let isWorking = Mutex(true)
    /// Libmicrohttpd's, as long as it runs.
    private let shared = UnsafeMutablePointer<imprag_http_server>.allocate(capacity: 1)

    init(
        _ surroundings: Surroundings, identity: HTTPServerIdentity?,
        handler: @escaping @Sendable (HTTPServerRequest, HTTPResponder) -> Void
    ) {
        self.surroundings = surroundings
        self.identity = identity
        self.handler = handler
    }

    deinit {
        unsafe shared.deallocate()
    }

    private var limits: HTTPServerLimits { surroundings.limits }

    var requestCount: Int { state.withLock { $0.connections.count } }

    /// Takes over the socket `listening`.
    func start(_ listening: Int32, _ driver: HTTPServer.Driver?) throws(ImpRAGError) {
        do throws(ImpRAGError) {
            try surroundings.watcher.start(surroundings.times) { [weak self] number in
                guard let self else { return }
                if number & ConnectionTimes.mark != 0 { return surroundings.times.sendsNoMore(number) }
                state.withLock { $0.connections[number] }?.gone()
            }
        } catch {
            close(listening)
            throw error
        }
        unsafe shared.initialize(
            to: imprag_http_server(
                connected: { context, descriptor, begins in
                    guard let context = unsafe context else { return }
                    let core = unsafe Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
                    core.connection(descriptor, begins: begins != 0)
                }, context: Unmanaged.passUnretained(self).toOpaque(), identity: identity?.raw,
                has_thread: driver == nil ? 1 : 0))
        unsafe daemon = imprag_http_start(
            listening, UInt32(clamping: limits.connections), limits.connectionBytes,
            UInt32(clamping: limits.idleSeconds),
            { context, connection, url, method, version, bytes, size, slot in
                guard let context = unsafe context, let connection = unsafe connection, let slot = unsafe slot,
                    let size = unsafe size
                else { return .NO }
                let core = unsafe Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
                guard let known = unsafe slot.pointee else {
                    return unsafe core.begin(connection, (url, method, version), slot)
                }
                let served = unsafe Unmanaged<ServedConnection>.fromOpaque(known).takeUnretainedValue()
                let count = unsafe size.pointee
                guard count > 0 else { return served.proceed(core.handler) }
                unsafe size.pointee = 0
                return unsafe served.received(UnsafeRawBufferPointer(start: bytes, count: count)) ? .YES : .NO
            },
            { context, _, slot, reason in
                guard let context = unsafe context, let known = unsafe slot?.pointee else { return }
                let core = unsafe Unmanaged<ServerCore>.fromOpaque(context).takeUnretainedValue()
                unsafe slot?.pointee = nil
                let served = unsafe Unmanaged<ServedConnection>.fromOpaque(known).takeRetainedValue()
                core.completed(served, isWhole: reason == .REQUEST_TERMINATED_COMPLETED_OK)
            }, shared)
        guard unsafe daemon != nil else {
            close(listening)
            surroundings.watcher.stop()
            throw ImpRAGError(.resourceExhausted, "the HTTP server cannot be started: \(systemMessage(errno))")
        }
        guard let driver else { return }
        do throws(ImpRAGError) {
            try drive(driver)
        } catch {
            stop()
            throw error
        }
    }

    private func drive(_ driver: HTTPServer.Driver) throws(ImpRAGError) {
        // Stays open when libmicrohttpd closes its own.
        let events = Descriptor(unsafe daemon.map { unsafe imprag_http_events($0) } ?? -1)
        guard events.number >= 0 else {
            throw ImpRAGError(.resourceExhausted, "the HTTP server cannot be started: no descriptor is free")
        }
        let wake = try driver(events.number) { [weak self] in
            withExtendedLifetime(events) { self?.work() }
        }
        surroundings.wake.withLock { $0 = wake }
        // A connection may have been resumed before anybody knew how to say so.
        wake()
    }

    private func work() -> Int? {
        isWorking.withLock { isWorking in
            guard isWorking, let daemon = unsafe daemon else { return nil }
            let milliseconds = unsafe imprag_http_work(daemon)
            return milliseconds < 0 ? nil : Int(milliseconds)
        }
    }

    func stop() {
        let connections = state.withLock { state -> [ServedConnection]? in
            guard !state.isStopped else { return nil }
            state.isStopped = true
            return Array(state.connections.values)
        }
        guard let connections else { return }
        isWorking.withLock { isWorking in
            isWorking = false
            guard let daemon = unsafe daemon else { return }
            let listening = unsafe MHD_quiesce_daemon(daemon)
            // The library ends the process when a connection is suspended at its stop. Those that have gone never are
            // again.
            for connection in connections { connection.gone() }
            while surroundings.resuming.load(ordering: .acquiring) > 0 { usleep(50) }
            unsafe MHD_stop_daemon(daemon)
            if listening >= 0 { close(listening) }
        }
        surroundings.watcher.stop()
    }

    // MARK: - libmicrohttpd's thread

    /// libmicrohttpd may not see that a client left in the middle of a request, when it was told so together with the
    /// last bytes. So a connection is watched from its begin.
    private func connection(_ descriptor: Int32, begins: Bool) {
        guard begins else { return surroundings.times.ended(descriptor) }
        surroundings.watcher.watch(descriptor, surroundings.times.began(descriptor))
    }

    /// The head of a request has arrived.
    private func begin(
        _ raw: OpaquePointer,
        _ line: (url: UnsafePointer<CChar>?, method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?),
        _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    ) -> MHD_Result {
        let head = unsafe RequestHead(raw)
        let target = unsafe RequestTarget(line.url.map { unsafe bytes(of: $0) } ?? [])
        let (path, query) = (percentDecoded(target.path), head.decodedQuery)
        var headers = head.headers
        if let authority = target.authority { headers["host"] = authority }
        let request = HTTPServerRequest(
            method: unsafe line.method.map { unsafe String(cString: $0) } ?? "", path: path ?? "", query: query ?? [],
            headers: headers)
        var refused = head.problem
        if path == nil || query == nil { refused = (400, "the path or the query is no percent-encoded UTF-8") }
        if unsafe head.isCut(line.url, line.version) { refused = (400, "the path or the query has a zero byte") }
        let bodyBytes = head.bodyBytes
        if refused == nil, bodyBytes > limits.bodyBytes { refused = ServedConnection.tooLarge(limits) }
        if refused == nil, surroundings.bodies.isFull(with: bodyBytes) { refused = ServedConnection.tooMany }
        let served = state.withLock { state -> ServedConnection? in
            guard !state.isStopped else { return nil }
            state.lastNumber += 1
            let served = unsafe ServedConnection(raw, number: state.lastNumber, request: request, in: surroundings)
            state.connections[served.number] = served
            return served
        }
        guard let served else { return .NO }
        unsafe slot.pointee = Unmanaged.passRetained(served).toOpaque()
        return refused.map(served.refuse) ?? .YES
    }

    private func completed(_ served: ServedConnection, isWhole: Bool) {
        state.withLock { $0.connections[served.number] = nil }
        served.completed(isWhole: isWhole)
    }
}

/// Closes a descriptor when nobody needs it any more.
private final class Descriptor: Sendable {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    deinit {
        if number >= 0 { close(number) }
    }
}
