import CMicrohttpd
import Core
import Synchronization

/// One request and its answer, between libmicrohttpd's thread and the threads that answer.
///
/// While there is nothing to send, the connection is suspended: it costs its memory and no time, and whoever has
/// something for it resumes it. libmicrohttpd does not look at a suspended connection, so `GoneWatcher` does.
// Sendable: libmicrohttpd's thread uses `raw` inside its callbacks; others only to resume it, once, after they have
// taken `isSuspended` back under the lock. A suspended connection cannot end, nor can the server before it is resumed.
@safe final class ServedConnection: @unchecked Sendable {
    enum Answer: Sendable {
        case response(HTTPServerResponse)
        case stream(status: Int, headers: [String: String])
    }

    private struct State {
        var isSuspended = false
        var answer: Answer?
        /// What of a stream the client has not taken yet, from `head` on.
        var bytes: [UInt8] = []
        var head = 0
        /// The stream has no more than `bytes`.
        var isFinished = false
        /// Nobody waits for the answer any more.
        var isGone = false
        /// All of the answer has been sent, or nobody waits for it.
        var hasEnded = false
        var handlers: [@Sendable () -> Void] = []
    }

    let number: UInt64
    private let raw: OpaquePointer
    private let surroundings: Surroundings
    private let descriptor: Int32
    private let state = Mutex(State())
    // These are of libmicrohttpd's thread alone.
    private var request: HTTPServerRequest
    private var hasBegun = false
    private var wasWatched = false
    /// Bytes of the body that are counted with those of others.
    private var countedBytes = 0
    private var refused: (status: Int, message: String)?
    private var refusedBytes = 0

    init(_ raw: OpaquePointer, number: UInt64, request: HTTPServerRequest, in surroundings: Surroundings) {
        unsafe self.raw = raw
        unsafe descriptor = imprag_http_descriptor(raw)
        self.number = number
        self.request = request
        self.surroundings = surroundings
    }

    private var limits: HTTPServerLimits { surroundings.limits }

    // MARK: - libmicrohttpd's thread

    /// Takes a piece of the body. False: the connection is to be closed.
    func received(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if refused == nil { refused = refusal(ofMore: bytes.count) }
        guard refused == nil else {
            // The answer can only be sent after the body; who goes on sending for long gets none.
            request.body = []
            refusedBytes += bytes.count
            return refusedBytes <= limits.bodyBytes
        }
        countedBytes += bytes.count
        unsafe request.body.append(contentsOf: bytes)
        return true
    }

    /// Counts `bytes` more of the body, or says why they are too many.
    private func refusal(ofMore bytes: Int) -> (status: Int, message: String)? {
        if request.body.count + bytes > limits.bodyBytes { return Self.tooLarge(limits) }
        return surroundings.bodies.take(bytes) ? nil : Self.tooMany
    }

    /// The whole request is there, or the connection was resumed: answers, or waits for the answer.
    func proceed(_ handler: (HTTPServerRequest, HTTPResponder) -> Void) -> MHD_Result {
        if !hasBegun {
            hasBegun = true
            surroundings.times.answers(descriptor)
            if let refused { return refuse(refused) }
            let whole = request
            request.body = []
            handler(whole, HTTPResponder(self))
        }
        let answer = state.withLock { state -> Answer?? in
            if state.isGone { return .some(nil) }
            if let answer = state.answer { return answer }
            suspend(&state)
            return nil
        }
        guard let answer else { return .YES }
        return answer.map(queue) ?? .NO
    }

    /// Under the lock.
    private func suspend(_ state: inout State) {
        state.isSuspended = true
        wasWatched = true
        surroundings.watcher.watch(descriptor, number)
        unsafe MHD_suspend_connection(raw)
    }

    static func tooLarge(_ limits: HTTPServerLimits) -> (status: Int, message: String) {
        (413, "the body is too large; \(limits.bodyBytes) bytes are taken")
    }

    static let tooMany = (status: 503, message: "too many bodies are being received; try again later")

    /// Answers in the server's name, for the last time on this connection: where another request would begin is not
    /// sure.
    func refuse(_ refused: (status: Int, message: String)) -> MHD_Result {
        var response = surroundings.refusal(refused.status, refused.message)
        response.headers["Connection"] = "close"
        if refused.status == 503 { response.headers["Retry-After"] = "1" }
        return queue(.response(response))
    }

    /// Hands an answer to libmicrohttpd.
    func queue(_ answer: Answer) -> MHD_Result {
        let status: Int
        let headers: [String: String]
        let made: OpaquePointer?
        switch answer {
        case .response(let response):
            surroundings.times.isTaken(descriptor)
            (status, headers) = (response.status, response.headers)
            unsafe made = response.body.withUnsafeBytes { body in
                // The library takes a pointer to what it may change, and copies it.
                unsafe MHD_create_response_from_buffer(
                    body.count, UnsafeMutableRawPointer(mutating: body.baseAddress), .RESPMEM_MUST_COPY)
            }
        case .stream(let streamStatus, let streamHeaders):
            (status, headers) = (streamStatus, streamHeaders)
            unsafe made = stream()
        }
        guard let response = unsafe made else { return .NO }
        defer { unsafe MHD_destroy_response(response) }
        for (name, value) in headers { unsafe MHD_add_response_header(response, name, value) }
        return unsafe MHD_queue_response(raw, UInt32(clamping: status), response)
    }

    /// A response that asks this connection for bytes, and keeps it.
    private func stream() -> OpaquePointer? {
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let response = unsafe MHD_create_response_from_callback(
            imprag_http_size_unknown, 1024,
            { context, _, buffer, size in
                guard let context = unsafe context, let buffer = unsafe buffer else {
                    return imprag_http_end_with_error
                }
                let connection = unsafe Unmanaged<ServedConnection>.fromOpaque(context).takeUnretainedValue()
                return unsafe connection.read(UnsafeMutableRawBufferPointer(start: buffer, count: size))
            }, context,
            { context in
                if let context = unsafe context { unsafe Unmanaged<ServedConnection>.fromOpaque(context).release() }
            })
        if unsafe response == nil { unsafe Unmanaged<ServedConnection>.fromOpaque(context).release() }
        return unsafe response
    }

    /// Copies what the stream has into `buffer`; with nothing there, suspends the connection.
    private func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            guard !state.isGone else { return imprag_http_end_with_error }
            let count = min(buffer.count, state.bytes.count - state.head)
            guard count > 0 else {
                if state.isFinished { return imprag_http_end_of_stream }
                suspend(&state)
                return 0
            }
            unsafe buffer.copyBytes(from: state.bytes[state.head..<state.head + count])
            state.head += count
            if state.head == state.bytes.count { (state.bytes, state.head) = ([], 0) }
            return count
        }
    }

    /// libmicrohttpd is done with the request; `raw` is not used any more.
    func completed(isWhole: Bool) {
        surroundings.bodies.give(countedBytes)
        surroundings.times.awaitsRequest(descriptor)
        if wasWatched, let number = surroundings.times.number(descriptor) {
            surroundings.watcher.watch(descriptor, number)
        }
        let handlers = state.withLock { state in
            state.isGone = state.isGone || !isWhole
            state.hasEnded = true
            defer { state.handlers = [] }
            return isWhole ? [] : state.handlers
        }
        for handler in handlers { handler() }
    }

    // MARK: - Any thread

    func answer(_ answer: Answer, _ bytes: [UInt8] = []) -> Bool {
        let (isTaken, resumes) = state.withLock { state in
            guard !state.isGone, !state.hasEnded, state.answer == nil else { return (false, false) }
            state.answer = answer
            state.bytes = bytes
            return (true, willResume(&state))
        }
        if resumes { resume() }
        return isTaken
    }

    func send(_ bytes: [UInt8]) -> HTTPResponder.Sent {
        let (sent, resumes) = state.withLock { state -> (HTTPResponder.Sent, Bool) in
            guard !state.isGone, !state.hasEnded, !state.isFinished, case .stream? = state.answer else {
                return (.gone, false)
            }
            let waiting = state.bytes.count - state.head
            // One piece may be larger than that, as long as it is the only one.
            guard waiting == 0 || waiting + bytes.count <= limits.streamBytes else { return (.tooSlow, false) }
            if state.head > 0 {
                state.bytes.removeFirst(state.head)
                state.head = 0
            }
            state.bytes += bytes
            return (.accepted, willResume(&state))
        }
        if resumes { resume() }
        if sent == .tooSlow { gone() }
        return sent
    }

    func finish() {
        let resumes = state.withLock { state in
            guard case .stream? = state.answer, !state.isFinished else { return false }
            state.isFinished = true
            // Under the lock: until it has ended, the descriptor is its own.
            if !state.hasEnded { surroundings.times.isTaken(descriptor) }
            return willResume(&state)
        }
        if resumes { resume() }
    }

    /// Nobody will answer any more.
    func abandon() {
        let (isUnfinished, isUnanswered) = state.withLock { state in
            guard !state.isGone, !state.hasEnded else { return (false, false) }
            if case .stream? = state.answer { return (!state.isFinished, false) }
            return (false, state.answer == nil)
        }
        if isUnfinished { gone() }
        if isUnanswered {
            _ = answer(.response(surroundings.refusal(500, "the request was dropped without an answer")))
        }
    }

    func onGone(_ handler: @escaping @Sendable () -> Void) {
        let isGone = state.withLock { state in
            if !state.isGone, !state.hasEnded { state.handlers.append(handler) }
            return state.isGone
        }
        if isGone { handler() }
    }

    /// Ends the request: nobody waits for its answer, or nobody is to.
    func gone() {
        let (handlers, resumes) = state.withLock { state -> ([@Sendable () -> Void], Bool) in
            guard !state.isGone, !state.hasEnded else { return ([], false) }
            state.isGone = true
            state.bytes = []
            state.head = 0
            defer { state.handlers = [] }
            return (state.handlers, willResume(&state))
        }
        if resumes { resume() }
        for handler in handlers { handler() }
    }

    /// Under the lock: whether the caller has to resume the connection, which nobody else does then.
    private func willResume(_ state: inout State) -> Bool {
        guard state.isSuspended else { return false }
        state.isSuspended = false
        surroundings.resuming.add(1, ordering: .acquiringAndReleasing)
        return true
    }

    /// libmicrohttpd goes on with the connection. Not under the lock, which its thread wants at once.
    private func resume() {
        unsafe MHD_resume_connection(raw)
        surroundings.wake.withLock(\.self)?()
        surroundings.resuming.subtract(1, ordering: .acquiringAndReleasing)
    }
}

/// What all connections of one server share.
final class Surroundings: Sendable {
    let limits: HTTPServerLimits
    let refusal: HTTPServer.Refusal
    let watcher: GoneWatcher
    let times: ConnectionTimes
    let bodies: BodyBytes
    /// Connections that somebody is about to resume.
    let resuming = Atomic(0)
    /// Tells the thread that a connection was resumed, where it is not libmicrohttpd's own.
    let wake = Mutex<(@Sendable () -> Void)?>(nil)

    init(limits: HTTPServerLimits, refusal: @escaping HTTPServer.Refusal, watcher: GoneWatcher) {
        self.limits = limits
        self.refusal = refusal
        self.watcher = watcher
        times = ConnectionTimes(limits)
        bodies = BodyBytes(limit: limits.allBodyBytes)
    }
}
