internal import Core
internal import Foundation

/// Who asks. Never printed.
struct S3Credentials: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let accessKey: String
    let secretKey: String
    var sessionToken: String?
    /// Until when they are good; nil: no end is known.
    var expires: Date?

    var description: String { "credentials" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// `text` without anything of them.
    func redacted(_ text: String) -> String {
        var text = text
        for secret in [accessKey, secretKey, sessionToken ?? ""] where !secret.isEmpty {
            text = text.replacingOccurrences(of: secret, with: "…")
        }
        return text
    }
}
