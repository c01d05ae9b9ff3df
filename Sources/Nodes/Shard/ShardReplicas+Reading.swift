import Core
import Foundation
import Platform
import Storage

extension ShardReplicas {
    /// Opens the replica of a partition as it is, for a node that follows no log. One that is missing, as all are
    /// beside a restored collection, is made from the newest checkpoint, if the log has nothing more.
    ///
    /// - Throws: `failedPrecondition` when the log goes on after that checkpoint.
    func read(_ number: Int, cacheBytes: Int) throws(ImpRAGError) -> Partition {
        let path = index.partitionPath(number)
        if !FileManager.default.fileExists(atPath: path) {
            // Several nodes may serve, and so miss, the same replica.
            let lock = try FileLock.waiting(
                path: index.path + "/.lock", work: "another process makes a replica in \(index.path)", until: .never)
            defer { lock.release() }
            if !FileManager.default.fileExists(atPath: path) { try make(number, at: path) }
        }
        return try index.partition(number, cacheBytes: cacheBytes)
    }

    private func make(_ number: Int, at path: String) throws(ImpRAGError) {
        let checkpoint = try newestCheckpoint(number)
        let head = try CollectionLog(collection, manifest).head(deadline: .never)
        guard head <= checkpoint else {
            throw ImpRAGError(
                .failedPrecondition,
                "\(path) is missing, and its newest checkpoint, of epoch \(checkpoint), lacks what the log has up to epoch "
                    + "\(head): serve the index once without \"read_only\" (`imprag up --read-only`), which brings all of it back"
            )
        }
        try restore(number, to: path)
    }
}
