internal import Core
internal import Foundation
internal import HTTP
internal import Synchronization

/// Finds credentials where other S3 clients look: the variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and
/// `AWS_SESSION_TOKEN`; the profile `AWS_PROFILE` (`default`) of the file `AWS_SHARED_CREDENTIALS_FILE`
/// (`~/.aws/credentials`); what a container's host offers at `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` or
/// `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
final class S3CredentialSource: Sendable {
    private let environment: [String: String]
    private let client: HTTPClient
    private let known = Mutex<S3Credentials?>(nil)

    /// They are asked for anew so many seconds before they expire.
    private static let margin = 300.0
    private static let replyLimit = 64 << 10

    init(environment: [String: String], client: HTTPClient) {
        self.environment = environment
        self.client = client
    }

    /// - Throws: `unauthenticated` that says where they were looked for, `invalidArgument` for a damaged file.
    func credentials(deadline: Deadline) throws(ImpRAGError) -> S3Credentials {
        if let known = known.withLock({ $0 }), known.expires.map({ $0.timeIntervalSinceNow > Self.margin }) ?? true {
            return known
        }
        let found = try find(deadline)
        known.withLock { $0 = found }
        return found
    }

    /// Has the next request look again: the store does not know them any more.
    func forget() {
        known.withLock { $0 = nil }
    }

    private func find(_ deadline: Deadline) throws(ImpRAGError) -> S3Credentials {
        if let key = environment.value("AWS_ACCESS_KEY_ID"), let secret = environment.value("AWS_SECRET_ACCESS_KEY") {
            return S3Credentials(
                accessKey: key, secretKey: secret, sessionToken: environment.value("AWS_SESSION_TOKEN"))
        }
        let profile = environment.value("AWS_PROFILE") ?? "default"
        let path =
            environment.value("AWS_SHARED_CREDENTIALS_FILE")
            ?? environment.value("HOME").map { $0 + "/.aws/credentials" }
        if let path, let text = try? String(contentsOfFile: path, encoding: .utf8) {
            if let found = try Self.profile(profile, in: text, path: path) { return found }
        }
        if let url = try containerURL() { return try container(url, deadline) }
        throw ImpRAGError(
            .unauthenticated,
            "no S3 credentials were found: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, nor the profile [\(profile)] in "
                + "\(path ?? "~/.aws/credentials"), nor a container's (AWS_CONTAINER_CREDENTIALS_FULL_URI)")
    }

    /// The profile's lines of a credentials file; nil where it has no such profile.
    static func profile(_ name: String, in text: String, path: String) throws(ImpRAGError) -> S3Credentials? {
        var values: [String: String] = [:]
        var isInside = false
        var isThere = false
        for line in text.split(whereSeparator: \.isNewline).map({ $0.trimmingCharacters(in: .whitespaces) }) {
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                isInside = line.dropFirst().dropLast().trimmingCharacters(in: .whitespaces) == name
                isThere = isThere || isInside
                continue
            }
            let words = line.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if isInside, words.count == 2 { values[words[0].lowercased()] = words[1] }
        }
        guard isThere else { return nil }
        guard let key = values.value("aws_access_key_id"), let secret = values.value("aws_secret_access_key") else {
            throw ImpRAGError(
                .invalidArgument,
                "\(path): [\(name)] needs aws_access_key_id and aws_secret_access_key, each as NAME = VALUE")
        }
        return S3Credentials(accessKey: key, secretKey: secret, sessionToken: values.value("aws_session_token"))
    }

    // MARK: A container's

    private func containerURL() throws(ImpRAGError) -> String? {
        if let path = environment.value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            return "http://169.254.170.2\(path)"
        }
        guard let url = environment.value("AWS_CONTAINER_CREDENTIALS_FULL_URI") else { return nil }
        let parts = URLComponents(string: url)
        // Unencrypted only to what cannot leave the machine.
        let host = parts?.host ?? ""
        let isOwn =
            isThisMachine(host) || host == "::1"
            || ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "fd00:ec2::23"].contains(host)
        guard parts?.scheme == "https" || parts?.scheme == "http" && isOwn else {
            throw ImpRAGError(
                .invalidArgument,
                "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https:// nor an address of this machine")
        }
        return url
    }

    private func container(_ url: String, _ deadline: Deadline) throws(ImpRAGError) -> S3Credentials {
        var request = HTTPRequest(.get, url)
        if let token = try authorization() { request.headers.append(HTTPHeader("Authorization", token)) }
        let response: HTTPResponse
        do throws(HTTPError) {
            response = try client.send(
                request, limit: Self.replyLimit, isLocal: true, deadline: deadline.within(milliseconds: 5000))
        } catch {
            throw ImpRAGError(.unauthenticated, "the container's credentials cannot be fetched", cause: error)
        }
        guard response.status == 200,
            case .object(let members)? = try? JSONScanner.value(.text("the container's answer"), bytes: response.body),
            case .string(let key)? = members["AccessKeyId"], case .string(let secret)? = members["SecretAccessKey"]
        else {
            throw ImpRAGError(
                .unauthenticated,
                "the container's credentials cannot be fetched: the answer has status \(response.status) and no AccessKeyId"
            )
        }
        var found = S3Credentials(accessKey: key, secretKey: secret)
        if case .string(let token)? = members["Token"] { found.sessionToken = token }
        if case .string(let text)? = members["Expiration"] { found.expires = try? Date(text, strategy: .iso8601) }
        return found
    }

    private func authorization() throws(ImpRAGError) -> String? {
        guard let path = environment.value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") else {
            return environment.value("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw ImpRAGError(.unauthenticated, "\(path), the container's authorization token, cannot be read")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
