/// One request, to be sent as it is: names, values and the URL are encoded already.
public struct HTTPRequest: Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case put = "PUT"
        case post = "POST"
        case delete = "DELETE"
    }

    public let method: Method
    /// `http://` or `https://`, percent-encoded.
    public let url: String
    public var headers: [HTTPHeader]
    public let body: [UInt8]

    public init(_ method: Method, _ url: String, headers: [HTTPHeader] = [], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

public struct HTTPHeader: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What a server answered.
public struct HTTPResponse: Sendable {
    public let status: Int
    /// By name in lower case; of several with one name the last.
    public let headers: [String: String]
    public let body: [UInt8]
}
