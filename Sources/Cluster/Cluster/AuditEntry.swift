import Core
import Foundation
import Messaging
import Wire

/// One line of an audit log: who changed what, when, and what came of it. Never what a passage says, nor a secret.
struct AuditEntry {
    private var fields: [String: Any]

    /// A request that changes the collection; nil for any other.
    ///
    /// - Parameter failure: what ended it, else it has been answered.
    init?(_ request: IncomingRequest, failure: ImpRAGError?, node: String, at time: Date) {
        fields = [
            "time": Self.text(time), "node": node, "caller": "\(request.caller)", "request": request.body.name,
        ]
        switch request.body {
        case .upsert(let upsert): fields["passages"] = upsert.passages.count
        case .delete(let delete): fields["ids"] = delete.ids.count
        default: return nil
        }
        fields["role"] = request.caller.role?.rawValue
        fields["error"] = failure?.code.rawValue
        switch request.outcome {
        case .upsert(let done): fields["epoch"] = done.epoch
        case .delete(let done): fields["epoch"] = done.epoch
        default: break
        }
    }

    /// A change of a key list, by the user `user` of the machine.
    init(_ change: String, of key: AccessKey, by user: String, at time: Date) {
        fields = [
            "time": Self.text(time), "caller": user, "request": change, "key": key.name, "key_role": key.role.rawValue,
            "public": key.publicKey,
        ]
    }

    /// The same of a key of a client of the gateway.
    init(_ change: String, of key: BearerKey, by user: String, at time: Date) {
        fields = [
            "time": Self.text(time), "caller": user, "request": change, "key": key.name, "key_role": key.role.rawValue,
            "sha256": key.digest,
        ]
    }

    /// JSON, with the fields in alphabetical order.
    var line: String {
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and whole numbers can always be written.
        return (try? JSONSerialization.data(withJSONObject: fields, options: options)).map {
            String(decoding: $0, as: UTF8.self)
        } ?? "{}"
    }

    static func text(_ time: Date) -> String {
        WallTime(nanoseconds: Int64(time.timeIntervalSince1970 * 1e9)).description
    }
}
