internal import Core

extension Endpoint {
    /// Throws `permissionDenied` when other machines could connect to it, unless they need a key for that.
    func checkListening(hasKeys: Bool) throws(ImpRAGError) {
        guard isLocal || hasKeys else {
            throw ImpRAGError(
                .permissionDenied,
                "\(self) can be reached from other machines, and this node has no keys by which to tell who may: name "
                    + "\"keys\" and \"key\" in the cluster file (docs/security.md), or listen on ipc:// or 127.0.0.1")
        }
    }

    /// Throws `permissionDenied` when it is on another machine, unless there is a key to prove that it is the right
    /// one.
    func checkConnecting(hasKey: Bool) throws(ImpRAGError) {
        guard isLocal || hasKey else {
            throw ImpRAGError(
                .permissionDenied,
                "\(self) is on another machine, which takes a key: --key FILE or IMPRAG_KEY, with a file that "
                    + "`imprag keys create` made; for a node \"keys\" and \"key\" in the cluster file")
        }
    }
}
