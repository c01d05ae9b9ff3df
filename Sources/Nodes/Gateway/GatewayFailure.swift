import Core
import HTTPServer
import Messaging

/// An error of the HTTP interface, in the shape that OpenAI's clients read.
struct GatewayFailure: Error {
    let error: ImpRAGError
    /// The field that is wrong, as in `messages[0].role`.
    let param: String?
    /// Nil: as the code says.
    private let ownStatus: Int?
    private let headers: [String: String]

    init(_ error: ImpRAGError, param: String? = nil, status: Int? = nil, headers: [String: String] = [:]) {
        self.error = error
        self.param = param
        ownStatus = status
        self.headers = headers
    }

    /// What the HTTP server refuses by itself.
    init(status: Int, message: String) {
        let code: ErrorCode =
            switch status {
            case 501: .invalidArgument
            case 503: .unavailable
            case 500...: .internal
            default: .invalidArgument
            }
        self.init(ImpRAGError(code, message), status: status)
    }

    /// A wrong field of the request; without a name: the body as a whole.
    static func field(_ name: String, _ message: String) -> GatewayFailure {
        GatewayFailure(ImpRAGError(.invalidArgument, message), param: name.isEmpty ? nil : name)
    }

    var status: Int {
        if let ownStatus { return ownStatus }
        return switch error.code {
        case .invalidArgument: 400
        case .unauthenticated: 401
        case .permissionDenied: 403
        case .notFound: 404
        case .failedPrecondition: 409
        case .resourceExhausted: 429
        case .cancelled: 499
        case .dataLoss, .internal: 500
        case .unavailable: 503
        case .deadlineExceeded: 504
        }
    }

    private var type: String {
        switch error.code {
        case .invalidArgument, .failedPrecondition: "invalid_request_error"
        case .unauthenticated: "authentication_error"
        case .permissionDenied: "permission_error"
        case .notFound: "not_found_error"
        case .resourceExhausted: "rate_limit_error"
        case .cancelled, .dataLoss, .internal, .unavailable, .deadlineExceeded: "server_error"
        }
    }

    var json: JSONLine {
        var inner = JSONLine()
        inner.add("message", error.message)
        inner.add("type", type)
        inner.add("param", raw: param.map(jsonString) ?? "null")
        inner.add("code", error.code.rawValue)
        var line = JSONLine()
        line.add("error", inner)
        return line
    }

    var response: HTTPServerResponse {
        var response = HTTPServerResponse(json: json, status: status)
        response.headers.merge(headers) { $1 }
        switch error.code {
        case .resourceExhausted, .unavailable:
            let milliseconds = (error.cause as? RemoteFailure)?.retryAfterMilliseconds ?? 1000
            if headers["Retry-After"] == nil {
                response.headers["Retry-After"] = String(max(1, (milliseconds + 999) / 1000))
            }
        case .unauthenticated: response.headers["WWW-Authenticate"] = "Bearer"
        // OpenAI's clients would try a 409 again by themselves, and in vain.
        case .failedPrecondition: response.headers["x-should-retry"] = "false"
        default: break
        }
        return response
    }
}

extension HTTPServerResponse {
    init(json: JSONLine, status: Int = 200) {
        self.init(status: status, headers: ["Content-Type": "application/json"], body: Array((json.line + "\n").utf8))
    }
}
