public import Core
import Foundation
import HTTP
import Synchronization

/// Speaks to an etcd through its v3 JSON gateway. Every call blocks, so it is for dedicated threads.
///
/// A call asks the endpoint that answered last, and goes to the next when it cannot be reached, is late or has no
/// leader. So a change may be made twice; those of this client say by their conditions whether they still apply.
public final class EtcdClient: Sendable {
    let settings: EtcdSettings
    private let http: HTTPClient
    private let clock: any Clock
    private let state = Mutex(State())

    private struct State {
        /// The endpoint to ask first.
        var place = 0
        var token: String?
    }

    /// Bytes of an answer that are taken: some thousand nodes.
    static let answerLimit = 32 << 20
    /// What an endpoint that hangs may take of a call's time while there are others.
    private static let endpointMilliseconds = 2000
    private static let passwordLimit = 4096

    public init(_ settings: EtcdSettings, clock: any Clock) {
        precondition(!settings.endpoints.isEmpty, "an etcd without endpoints cannot be asked")
        self.settings = settings
        self.clock = clock
        http = HTTPClient(trust: settings.trust)
    }

    /// The endpoint that the next call asks first.
    public var endpoint: String { settings.endpoints[state.withLock { $0.place }] }

    /// Asks the next endpoint from now on.
    func leave(_ endpoint: String) {
        let count = settings.endpoints.count
        state.withLock { state in
            if settings.endpoints[state.place] == endpoint { state.place = (state.place + 1) % count }
        }
    }

    /// - Throws: `unavailable` or `deadlineExceeded` when no endpoint answers, `notFound` for a lease that is over,
    ///   `unauthenticated` and `permissionDenied`, `dataLoss` for an answer that is none, else `failedPrecondition`.
    func call(_ path: String, _ body: JSONValue, deadline: Deadline) throws(ImpRAGError) -> JSONField {
        let bytes = try EtcdMessage.encode(body)
        var failure: ImpRAGError?
        for left in (0..<settings.endpoints.count).reversed() {
            let endpoint = endpoint
            let limited = left == 0 ? deadline : deadline.within(milliseconds: Self.endpointMilliseconds)
            do throws(ImpRAGError) {
                let answer = try authorized(endpoint, path, bytes, stream: nil, limited)
                return try Self.value(of: answer, endpoint)
            } catch  where error.code == .unavailable || error.code == .deadlineExceeded {
                leave(endpoint)
                failure = error
                if deadline.hasPassed { break }
            }
        }
        throw failure ?? ImpRAGError(.unavailable, "no etcd answers")
    }

    static func value(of answer: [UInt8], _ endpoint: String) throws(ImpRAGError) -> JSONField {
        do throws(ImpRAGError) {
            return JSONField(
                path: "etcd at \(endpoint)", name: "the answer",
                value: try JSONScanner.value(.text("the answer of etcd at \(endpoint)"), bytes: answer))
        } catch {
            throw ImpRAGError(.dataLoss, error.message)
        }
    }

    /// One request to one endpoint, with a token where there is a user; a token that is not valid any more is replaced
    /// once.
    func authorized(
        _ endpoint: String, _ path: String, _ body: [UInt8], stream: HTTPStream?, _ deadline: Deadline
    ) throws(ImpRAGError) -> [UInt8] {
        guard settings.user != nil else { return try send(endpoint, path, body, token: nil, stream, deadline) }
        let known = state.withLock { $0.token }
        let token: String
        if let known { token = known } else { token = try authenticate(endpoint, deadline) }
        do throws(ImpRAGError) {
            return try send(endpoint, path, body, token: token, stream, deadline)
        } catch  where error.code == .unauthenticated {
            return try send(endpoint, path, body, token: authenticate(endpoint, deadline), stream, deadline)
        }
    }

    private func authenticate(_ endpoint: String, _ deadline: Deadline) throws(ImpRAGError) -> String {
        let body = EtcdMessage.object([
            "name": .string(settings.user ?? ""), "password": .string(try password()),
        ])
        let answer: [UInt8]
        do throws(ImpRAGError) {
            answer = try send(
                endpoint, "/v3/auth/authenticate", EtcdMessage.encode(body), token: nil, nil, deadline)
        } catch  where error.code == .invalidArgument {
            throw ImpRAGError(.permissionDenied, error.message)
        }
        let token = try Self.value(of: answer, endpoint).required("token").string()
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ImpRAGError(.dataLoss, "etcd at \(endpoint) answered with a token that is none")
        }
        state.withLock { $0.token = token }
        return token
    }

    private func password() throws(ImpRAGError) -> String {
        guard let path = settings.passwordFile else { return "" }
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.read(upToCount: Self.passwordLimit)
        else {
            throw ImpRAGError(.notFound, "the password file \(path) cannot be read, or is empty")
        }
        let line = data.prefix { $0 != 0x0A && $0 != 0x0D }
        return String(decoding: line, as: UTF8.self)
    }

    private func send(
        _ endpoint: String, _ path: String, _ body: [UInt8], token: String?, _ stream: HTTPStream?,
        _ deadline: Deadline
    ) throws(ImpRAGError) -> [UInt8] {
        // Without a leader a member would answer, or be silent, from what it last knew.
        var headers = [
            HTTPHeader("Content-Type", "application/json"), HTTPHeader("Grpc-Metadata-hasleader", "true"),
        ]
        if let token { headers.append(HTTPHeader("Authorization", token)) }
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try http.send(
                HTTPRequest(.post, endpoint + path, headers: headers, body: body), limit: Self.answerLimit,
                isLocal: Self.isLocal(endpoint), stream: stream, deadline: deadline)
        } catch {
            throw ImpRAGError(
                error.kind == .timeout ? .deadlineExceeded : error.kind == .tooLarge ? .dataLoss : .unavailable,
                "etcd at \(endpoint): \(error.reason)")
        }
        guard response.status == 200 else { throw Self.failure(response, endpoint) }
        return response.body
    }

    private static func isLocal(_ endpoint: String) -> Bool {
        ["://127.", "://localhost", "://[::1]"].contains { endpoint.contains($0) }
    }

    // MARK: Errors

    private static func failure(_ response: HTTPResponse, _ endpoint: String) -> ImpRAGError {
        let value = try? value(of: response.body, endpoint)
        let code = (try? value?.etcdNumber("code")) ?? nil
        let message = (try? value?.optional("error")?.string()) ?? nil
        return failure(code: code, message: message ?? "HTTP status \(response.status)", endpoint)
    }

    /// An error by its gRPC code.
    static func failure(code: Int?, message: String, _ endpoint: String) -> ImpRAGError {
        let ours: ErrorCode =
            switch code {
            case 3: message.contains("revision of auth store is old") ? .unauthenticated : .invalidArgument
            case 4: .deadlineExceeded
            case 5: .notFound
            case 7: .permissionDenied
            case 8: .resourceExhausted
            case 14, 1, 2, nil: .unavailable
            case 16: .unauthenticated
            case _?: .failedPrecondition
            }
        return ImpRAGError(ours, "etcd at \(endpoint): \(TerminalText.visible(String(message.prefix(200))))")
    }
}
