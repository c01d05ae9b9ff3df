import CCurl

/// A libcurl handle, used by one thread at a time.
@safe final class EasyHandle: @unchecked Sendable {
    // Sendable: whoever has taken it out of the client's pool is its only user.
    private let raw: UnsafeMutableRawPointer

    /// Nil when there is no memory.
    init?() {
        guard let made = unsafe curl_easy_init() else { return nil }
        unsafe raw = made
    }

    deinit {
        unsafe curl_easy_cleanup(raw)
    }

    /// What libcurl gives to its callbacks.
    private final class Received {
        let limit: Int
        /// Takes the body of a response with status 200 as it comes; nil: all of it goes to `body`.
        let stream: HTTPStream?
        var status = 0
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        var isTooLarge = false
        /// Nobody wants more.
        var isEnded = false

        init(limit: Int, stream: HTTPStream?) {
            self.limit = limit
            self.stream = stream
        }

        func add(_ bytes: UnsafeRawBufferPointer) -> Bool {
            if let stream, status == 200 {
                isEnded = unsafe !stream.receive(Array(bytes))
                return !isEnded
            }
            guard body.count + bytes.count <= limit else {
                isTooLarge = true
                return false
            }
            unsafe body.append(contentsOf: bytes)
            return true
        }

        func addHeader(_ line: String) {
            // A line of its own begins each response; of an interim one (100 Continue) nothing counts.
            if line.hasPrefix("HTTP/") {
                headers = [:]
                status = Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0
            }
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return }
            headers[line[..<colon].lowercased()] = trimmed(line[line.utf8.index(after: colon)...])
        }

        private func trimmed(_ text: Substring) -> String {
            var text = text
            while let last = text.last, last.isWhitespace { text.removeLast() }
            return String(text.drop(while: \.isWhitespace))
        }
    }

    /// - Parameter stream: takes the body of a response with status 200, and may end it.
    func send(
        _ request: HTTPRequest, limit: Int, isLocal: Bool, trust: HTTPTrust, milliseconds: Int,
        stream: HTTPStream? = nil
    ) throws(HTTPError) -> HTTPResponse {
        unsafe curl_easy_reset(raw)
        let received = Received(limit: limit, stream: stream)
        var problem = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        let list = unsafe headerList(request.headers)
        defer { unsafe curl_slist_free_all(list) }
        let code = unsafe problem.withUnsafeMutableBufferPointer { problem in
            unsafe request.body.withUnsafeBufferPointer { body in
                unsafe set(CURLOPT_ERRORBUFFER, pointer: problem.baseAddress)
                prepare(request, isLocal: isLocal, milliseconds: milliseconds)
                prepare(trust)
                unsafe set(CURLOPT_HTTPHEADER, pointer: list)
                if request.method == .put || request.method == .post {
                    // Even an empty body: a PUT of nothing has a length.
                    unsafe set(CURLOPT_POSTFIELDS, pointer: body.baseAddress)
                    _ = unsafe imprag_curl_set_size(raw, CURLOPT_POSTFIELDSIZE_LARGE, body.count)
                }
                receive(into: received)
                return withExtendedLifetime(received) { unsafe curl_easy_perform(raw) }
            }
        }
        guard code == CURLE_OK || received.isEnded else {
            throw failure(code, problem, isTooLarge: received.isTooLarge)
        }
        return HTTPResponse(
            status: unsafe imprag_curl_status(raw), headers: received.headers, body: received.body)
    }

    private func prepare(_ request: HTTPRequest, isLocal: Bool, milliseconds: Int) {
        unsafe imprag_curl_set_text(raw, CURLOPT_URL, request.url)
        unsafe imprag_curl_set_text(raw, CURLOPT_PROTOCOLS_STR, "http,https")
        // The signature is over the path as it stands.
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        // Timeouts without signals, which would reach any thread.
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_TIMEOUT_MS, milliseconds)
        set(CURLOPT_CONNECTTIMEOUT_MS, min(milliseconds, 10_000))
        set(CURLOPT_TCP_KEEPALIVE, 1)
        if isLocal { unsafe imprag_curl_set_text(raw, CURLOPT_PROXY, "") }
        switch request.method {
        case .get: set(CURLOPT_HTTPGET, 1)
        case .put, .post:
            set(CURLOPT_POST, 1)
            unsafe imprag_curl_set_text(raw, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        case .delete: unsafe imprag_curl_set_text(raw, CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
    }

    /// What is absent is the system's.
    private func prepare(_ trust: HTTPTrust) {
        if let path = trust.authorities { unsafe imprag_curl_set_text(raw, CURLOPT_CAINFO, path) }
        if let path = trust.certificate { unsafe imprag_curl_set_text(raw, CURLOPT_SSLCERT, path) }
        if let path = trust.key { unsafe imprag_curl_set_text(raw, CURLOPT_SSLKEY, path) }
    }

    /// A header without a value removes the one that libcurl would send.
    private func headerList(_ headers: [HTTPHeader]) -> UnsafeMutablePointer<curl_slist>? {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in headers.map({ "\($0.name): \($0.value)" }) + ["Expect:", "Accept:"] {
            unsafe list = curl_slist_append(list, line)
        }
        return unsafe list
    }

    private func receive(into received: Received) {
        let context = unsafe Unmanaged.passUnretained(received).toOpaque()
        unsafe set(CURLOPT_WRITEDATA, pointer: context)
        unsafe set(CURLOPT_HEADERDATA, pointer: context)
        unsafe imprag_curl_set_receiver(raw, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
            let received = unsafe Unmanaged<Received>.fromOpaque(context).takeUnretainedValue()
            let new = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
            return unsafe received.add(new) ? new.count : 0
        }
        unsafe imprag_curl_set_receiver(raw, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
            let received = unsafe Unmanaged<Received>.fromOpaque(context).takeUnretainedValue()
            let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
            received.addHeader(unsafe String(decoding: line, as: UTF8.self))
            return line.count
        }
        guard received.stream != nil else { return }
        // Called about once a second even while nothing comes.
        set(CURLOPT_NOPROGRESS, 0)
        unsafe set(CURLOPT_XFERINFODATA, pointer: context)
        unsafe imprag_curl_set_progress(raw) { context, _, _, _, _ in
            guard let context = unsafe context else { return 1 }
            let received = unsafe Unmanaged<Received>.fromOpaque(context).takeUnretainedValue()
            guard let stream = received.stream, !stream.isWanted() else { return 0 }
            received.isEnded = true
            return 1
        }
    }

    private func set(_ option: CURLoption, _ value: Int) {
        unsafe imprag_curl_set_number(raw, option, value)
    }

    private func set(_ option: CURLoption, pointer: UnsafeRawPointer?) {
        unsafe imprag_curl_set_pointer(raw, option, pointer)
    }

    private func failure(_ code: CURLcode, _ problem: [CChar], isTooLarge: Bool) -> HTTPError {
        let detail = String(decoding: problem.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let reason = detail.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : detail
        let kind: HTTPError.Kind =
            switch code {
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT: .unreachable
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE: .untrusted
            case CURLE_OPERATION_TIMEDOUT: .timeout
            case CURLE_WRITE_ERROR where isTooLarge: .tooLarge
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_OUT_OF_MEMORY: .invalid
            default: .interrupted
            }
        return HTTPError(kind: kind, reason: isTooLarge ? "the body is larger than what is taken" : reason)
    }
}
