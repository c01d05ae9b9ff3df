internal import Core
internal import ZeroMQ

/// Why a peer does not let this messenger in.
enum KeyDenial {
    /// A sentence's end, after the peer's endpoint. Nil for a failure that is not about keys.
    ///
    /// - Parameter key: the name of the own key; nil without one.
    static func reason(_ failure: ConnectionEvent.Failure, key: String?) -> String? {
        switch (failure, key) {
        case (.keyRefused, let key?): "does not let in the key \"\(key)\": it is revoked, or of another cluster"
        case (.otherMechanism, nil): "lets in only who has a key: --key FILE, or IMPRAG_KEY"
        case (.otherMechanism, _?): "uses no keys: leave out --key, and IMPRAG_KEY"
        case (.brokenOff, let key?):
            "breaks off the handshake: it uses no keys, the key \"\(key)\" is of another cluster, or it takes no more connections"
        case (.keyRefused, nil), (.brokenOff, nil), (.other, _): nil
        }
    }
}
