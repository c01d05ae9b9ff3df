internal import CCurl
public import Core
internal import Synchronization

/// Sends requests with libcurl and waits for the answers; connections are kept for the next request. Any thread may use
/// it.
///
/// It follows no redirect, and asks for no compression: what comes is what the server sent.
public final class HTTPClient: Sendable {
    /// Idle handles, each with the connections that it keeps.
    private let idle = Mutex<[EasyHandle]>([])
    /// Beyond so many, handles are freed after use.
    private static let idleLimit = 16
    private static let isInitialized = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private let trust: HTTPTrust

    public init(trust: HTTPTrust = HTTPTrust()) {
        self.trust = trust
    }

    /// - Parameters:
    ///   - limit: bytes of a response's body that are taken.
    ///   - isLocal: no proxy of the environment is asked.
    ///   - stream: takes the body of a response with status 200 piece by piece, however long it is; the response that
    ///     is returned has none then.
    public func send(
        _ request: HTTPRequest, limit: Int, isLocal: Bool = false, stream: HTTPStream? = nil, deadline: Deadline
    ) throws(HTTPError) -> HTTPResponse {
        guard Self.isInitialized, let handle = idle.withLock({ $0.popLast() }) ?? EasyHandle() else {
            throw HTTPError(kind: .invalid, reason: "libcurl cannot be started")
        }
        defer {
            idle.withLock { idle in
                if idle.count < Self.idleLimit { idle.append(handle) }
            }
        }
        let milliseconds = deadline.remainingMilliseconds
        guard milliseconds > 0 else { throw HTTPError(kind: .timeout, reason: "the deadline has passed") }
        return try handle.send(
            request, limit: limit, isLocal: isLocal, trust: trust, milliseconds: milliseconds, stream: stream)
    }
}
