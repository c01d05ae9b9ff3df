internal import Core

extension Endpoint {
    /// Throws `permissionDenied` when it is not local and `allowRemote` is false.
    func check(allowRemote: Bool) throws(ImpRAGError) {
        guard isLocal || allowRemote else {
            throw ImpRAGError(
                .permissionDenied,
                "the endpoint \(self) is on, or reachable from, other machines; messages are not encrypted and callers not "
                    + "authenticated, so inside a network that you trust say --allow-remote, or \"allow_remote\": true in the "
                    + "cluster file; elsewhere use ipc:// or 127.0.0.1"
            )
        }
    }
}
