public import Core
internal import Foundation
internal import HTTP
internal import Platform

/// Objects in a bucket of Amazon's S3 or of a service that speaks its protocol.
///
/// Requests that fail on the way, or that the service asks to repeat, are repeated after a random pause that grows,
/// until the deadline. `If-None-Match: *` and `If-Match` are the conditions of `put`; whether a service keeps them is
/// not to be taken on trust: see `StoreCheck`.
public final class S3Store: ObjectStore {
    public let location: S3Location
    private let client = HTTPClient()
    private let credentials: S3CredentialSource
    /// What is sent in one request, and read in one.
    private let pieceBytes: Int

    /// The first pause is at most so long, the next ones twice the one before.
    private static let firstPause = 0.05
    private static let longestPause = 5.0
    /// A request without an answer is given up and made again.
    private static let attemptMilliseconds = 60_000
    /// Of a message that is no object.
    static let answerLimit = 4 << 20
    private static let pieceLimit = 10_000

    public convenience init(_ location: S3Location, environment: [String: String]) {
        self.init(location, environment: environment, pieceBytes: 16 << 20)
    }

    /// - Parameter pieceBytes: at least 5 MiB, which the protocol wants of all pieces but the last.
    init(_ location: S3Location, environment: [String: String], pieceBytes: Int) {
        self.location = location
        self.pieceBytes = pieceBytes
        credentials = S3CredentialSource(environment: environment, client: client)
    }

    public var name: String { location.description }

    // MARK: Objects

    public func get(_ key: ObjectKey, limit: Int, deadline: Deadline) throws(ImpRAGError) -> StoredObject? {
        let request = Request(.get, key.text, reads: limit)
        let response = try send(request, deadline)
        switch response.status {
        case 200: return StoredObject(bytes: response.body, version: try version(of: response, request))
        case 404 where isMissing(response): return nil
        default: throw failure(response, request)
        }
    }

    public func read(_ key: ObjectKey, _ range: Range<Int>, deadline: Deadline) throws(ImpRAGError) -> ObjectPart? {
        try check(range, of: key)
        return try read(key, range, version: nil, deadline)?.part
    }

    /// - Parameter version: the one that is read; another is `failedPrecondition`.
    func read(
        _ key: ObjectKey, _ range: Range<Int>, version: ObjectVersion?, _ deadline: Deadline
    ) throws(ImpRAGError) -> (part: ObjectPart, version: ObjectVersion)? {
        var request = Request(.get, key.text, reads: range.count)
        request.headers = [("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")]
        if let version { request.headers.append(("if-match", version.tag)) }
        let response = try send(request, deadline)
        let size = response.headers["content-range"]?.split(separator: "/").last.flatMap { Int($0) }
        switch (response.status, size) {
        case (206, let size?):
            return (ObjectPart(bytes: response.body, size: size), try self.version(of: response, request))
        case (416, let size?): return (ObjectPart(bytes: [], size: size), ObjectVersion(""))
        case (416, nil) where try isEmpty(key, deadline): return (ObjectPart(bytes: [], size: 0), ObjectVersion(""))
        case (404, _) where isMissing(response): return nil
        case (412, _):
            throw ImpRAGError(.failedPrecondition, "\(request.what(name)): the object was replaced meanwhile")
        default: throw failure(response, request)
        }
    }

    /// Some services do not say the size of an object of no bytes.
    private func isEmpty(_ key: ObjectKey, _ deadline: Deadline) throws(ImpRAGError) -> Bool {
        try get(key, limit: 0, deadline: deadline) != nil
    }

    public func put(
        _ bytes: [UInt8], as key: ObjectKey, if condition: PutCondition, deadline: Deadline
    ) throws(ImpRAGError) -> PutOutcome {
        try check(bytes, as: key, if: condition)
        var request = Request(.put, key.text, body: bytes)
        switch condition {
        case .always: break
        case .absent: request.headers = [("if-none-match", "*")]
        case .version(let version): request.headers = [("if-match", version.tag)]
        }
        let response = try send(request, deadline)
        switch response.status {
        case 200, 201, 204: return .stored(try version(of: response, request))
        case 409 where condition != .always, 412 where condition != .always: break
        case 404 where condition != .always && isMissing(response): break
        default: throw failure(response, request)
        }
        // Lost; but perhaps to ourselves, when the answer to an earlier attempt did not arrive.
        let now = try get(key, limit: conditionalLimit, deadline: deadline)
        guard let now, now.bytes == bytes else { return .lost(to: now) }
        return .stored(now.version)
    }

    public func delete(_ key: ObjectKey, deadline: Deadline) throws(ImpRAGError) {
        let request = Request(.delete, key.text)
        let response = try send(request, deadline)
        if response.status == 404, isMissing(response) { return }
        guard [200, 202, 204].contains(response.status) else { throw failure(response, request) }
    }

    public func list(
        _ prefix: String, after: ObjectKey?, limit: Int, deadline: Deadline
    ) throws(ImpRAGError) -> [ListedObject] {
        var found: [ListedObject] = []
        var last = after
        while found.count < limit {
            var request = Request(.get, nil, reads: Self.answerLimit)
            let count = min(limit - found.count, 1000)
            request.query = [
                ("list-type", "2"), ("max-keys", String(count)), ("prefix", location.prefix + prefix),
            ]
            if let last { request.query.append(("start-after", location.prefix + last.text)) }
            let response = try send(request, deadline)
            guard response.status == 200 else { throw failure(response, request) }
            let page = try S3Document(response.body, "\(request.what(name))").listing(below: location.prefix)
            found += page.objects
            guard page.isCut, let next = page.objects.last?.key else { break }
            // A service that says the same again would be asked forever.
            guard last.map({ $0 != next }) ?? true else {
                throw ImpRAGError(.dataLoss, "\(request.what(name)): the listing does not go on after \(next)")
            }
            last = next
        }
        return found
    }

    // MARK: Files

    public func download(_ key: ObjectKey, to path: String, deadline: Deadline) throws(ImpRAGError) -> Bool {
        guard let first = try read(key, 0..<pieceBytes, version: nil, deadline) else { return false }
        let file = try OutputFile(path: path)
        try file.write(first.part.bytes)
        var count = first.part.bytes.count
        while count < first.part.size {
            let range = count..<min(count + pieceBytes, first.part.size)
            guard let next = try read(key, range, version: first.version, deadline),
                next.part.bytes.count == range.count
            else {
                throw ImpRAGError(.dataLoss, "\(key) in \(name) ended after \(count) of its \(first.part.size) bytes")
            }
            try file.write(next.part.bytes)
            count += range.count
        }
        try file.synchronize()
        try DurableFile.syncDirectory(of: path)
        return true
    }

    public func upload(_ path: String, as key: ObjectKey, deadline: Deadline) throws(ImpRAGError) {
        let file = try MappedFile(path: path)
        guard file.count > pieceBytes else {
            _ = try put(file.copyBytes(in: 0..<file.count), as: key, if: .always, deadline: deadline)
            return
        }
        var begin = Request(.post, key.text, body: [])
        begin.query = [("uploads", "")]
        let begun = try send(begin, deadline)
        guard begun.status == 200 else { throw failure(begun, begin) }
        let id = try S3Document(begun.body, begin.what(name)).text("UploadId")
        do throws(ImpRAGError) {
            try uploadPieces(of: file, as: key, id, deadline)
        } catch {
            // What is left of it would be paid for; that this fails too changes nothing.
            var abort = Request(.delete, key.text)
            abort.query = [("uploadId", id)]
            _ = try? send(abort, .after(milliseconds: 5000, on: deadline.clock))
            throw error
        }
    }

    private func uploadPieces(
        of file: MappedFile, as key: ObjectKey, _ id: String, _ deadline: Deadline
    ) throws(ImpRAGError) {
        let size = max(pieceBytes, (file.count + Self.pieceLimit - 1) / Self.pieceLimit)
        var parts = ""
        for (index, first) in stride(from: 0, to: file.count, by: size).enumerated() {
            let range = first..<min(first + size, file.count)
            var request = Request(.put, key.text, body: file.copyBytes(in: range))
            request.query = [("partNumber", String(index + 1)), ("uploadId", id)]
            let response = try send(request, deadline)
            guard response.status == 200 else { throw failure(response, request) }
            let tag = try version(of: response, request).tag
            parts += "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(escaped(tag))</ETag></Part>"
            file.release(range)
        }
        let document = "<CompleteMultipartUpload>\(parts)</CompleteMultipartUpload>"
        var end = Request(.post, key.text, body: [UInt8](document.utf8))
        end.query = [("uploadId", id)]
        let response = try send(end, deadline)
        // The status comes before the work is done, and so may a failure after it.
        guard response.status == 200, S3Document.failure(response.body) == nil else { throw failure(response, end) }
    }

    private func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
    }

    // MARK: Requests

    struct Request {
        let method: HTTPRequest.Method
        /// Nil: of the bucket.
        let key: String?
        var query: [(name: String, value: String)] = []
        /// Names in lower case.
        var headers: [(name: String, value: String)] = []
        let body: [UInt8]
        /// Bytes of an answer that are taken.
        let limit: Int

        init(_ method: HTTPRequest.Method, _ key: String?, body: [UInt8] = [], reads limit: Int = answerLimit) {
            self.method = method
            self.key = key
            self.body = body
            // An answer that says what is wrong must fit too.
            self.limit = max(limit, 64 << 10)
        }

        func what(_ store: String) -> String { "\(method.rawValue) \(key ?? "the list") of \(store)" }
    }

    /// Sends a request until there is an answer that more attempts would not change.
    func send(_ request: Request, _ deadline: Deadline) throws(ImpRAGError) -> HTTPResponse {
        var pause = Self.firstPause
        var problem = "no answer"
        var hasNewCredentials = false
        while true {
            guard !deadline.hasPassed else {
                throw ImpRAGError(
                    .deadlineExceeded,
                    "\(request.what(name)): not done before the deadline; the last attempt: \(problem)")
            }
            let known = try credentials.credentials(deadline: deadline)
            do throws(HTTPError) {
                let response = try client.send(
                    signed(request, known), limit: request.limit, isLocal: location.isLocal,
                    deadline: deadline.within(milliseconds: Self.attemptMilliseconds))
                let failure = S3Document.failure(response.body)
                if response.status == 403, !hasNewCredentials, ["ExpiredToken", "InvalidToken"].contains(failure?.code)
                {
                    credentials.forget()
                    hasNewCredentials = true
                    continue
                }
                guard isPassing(response.status, failure?.code) else {
                    return response
                }
                problem = "status \(response.status)\(failure.map { ", \($0.code)" } ?? "")"
            } catch {
                switch error.kind {
                case .unreachable, .interrupted, .timeout: problem = known.redacted(error.reason)
                case .tooLarge:
                    throw ImpRAGError(
                        .resourceExhausted,
                        "\(request.what(name)): it is larger than the \(ByteCount(request.limit)) that are taken")
                case .untrusted, .invalid:
                    throw ImpRAGError(.unavailable, "\(request.what(name)): \(known.redacted(error.reason))")
                }
            }
            let seconds = min(Double.random(in: 0...pause), Double(deadline.remainingMilliseconds) / 1000)
            Thread.sleep(forTimeInterval: seconds)
            pause = min(2 * pause, Self.longestPause)
        }
    }

    /// Whether the service says that it could not for now.
    private func isPassing(_ status: Int, _ code: String?) -> Bool {
        [408, 429, 500, 502, 503, 504].contains(status)
            || ["RequestTimeout", "SlowDown", "InternalError"].contains(code)
    }

    private func signed(_ request: Request, _ credentials: S3Credentials) -> HTTPRequest {
        let (host, path) = location.place(of: request.key.map { location.prefix + $0 } ?? "")
        let query = queryText(request.query)
        let signature = SignatureV4(
            credentials: credentials, region: location.region,
            time: Date().formatted(Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted)))
        let digest = hexadecimal(SHA256.digest(of: request.body))
        let headers = [("host", host)] + request.headers
        let added = signature.sign(request.method.rawValue, path: path, query: query, headers: headers, digest: digest)
        return HTTPRequest(
            request.method, "\(location.scheme)://\(host)\(path)\(query.isEmpty ? "" : "?" + query)",
            // Without it libcurl says that a body is a form.
            headers: (headers + added + [("content-type", "application/octet-stream")]).map {
                HTTPHeader($0.name, $0.value)
            },
            body: request.body)
    }

    private func version(of response: HTTPResponse, _ request: Request) throws(ImpRAGError) -> ObjectVersion {
        guard let tag = response.headers["etag"], !tag.isEmpty else {
            throw ImpRAGError(.dataLoss, "\(request.what(name)): the answer has no ETag")
        }
        return ObjectVersion(tag)
    }

    /// Whether a 404 is about the object, and not about the bucket.
    private func isMissing(_ response: HTTPResponse) -> Bool {
        S3Document.failure(response.body)?.code != "NoSuchBucket"
    }

    /// What a service says that refuses a request for good.
    func failure(_ response: HTTPResponse, _ request: Request) -> ImpRAGError {
        let said = S3Document.failure(response.body)
        let code: ErrorCode =
            switch (response.status, said?.code) {
            case (403, "InvalidAccessKeyId"), (403, "SignatureDoesNotMatch"), (403, "ExpiredToken"),
                (403, "RequestTimeTooSkewed"), (401, _):
                .unauthenticated
            case (403, _): .permissionDenied
            case (404, _): .notFound
            case (507, _): .resourceExhausted
            default: .failedPrecondition
            }
        let hint =
            switch said?.code {
            case "RequestTimeTooSkewed": "; this machine's clock is wrong"
            case "AuthorizationHeaderMalformed", "PermanentRedirect":
                "; the bucket may be in another region than \(location.region)"
            default: ""
            }
        let text = said.map { "\($0.code): \($0.message)" } ?? "no more is said"
        // A service repeats the key that it does not know.
        let known = try? credentials.credentials(deadline: .after(milliseconds: 0))
        return ImpRAGError(
            code, "\(request.what(name)): status \(response.status), \(known?.redacted(text) ?? text)\(hint)")
    }
}
