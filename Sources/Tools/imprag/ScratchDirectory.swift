import Core
import Foundation
import Platform

/// A directory for one command's meantime, `imprag-scratch-…`, with a lock file beside it that says who is alive: what
/// a killed command left goes when the next one comes.
struct ScratchDirectory {
    /// Not made yet.
    let path: String
    private let lock: FileLock

    private static let prefix = "imprag-scratch-"
    private static let lockSuffix = ".lock"

    /// - Parameter place: the directory to make it in.
    init(in place: String) throws(ImpRAGError) {
        do {
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        } catch {
            throw ImpRAGError(.unavailable, "the directory \(place) cannot be made", cause: error)
        }
        Self.removeAbandoned(in: place)
        let separator = place.hasSuffix("/") ? "" : "/"
        path = "\(place)\(separator)\(Self.prefix)\(UUID().uuidString.prefix(8))"
        // One that looks for abandoned ones may hold it for a moment.
        lock = try FileLock.waiting(
            path: path + Self.lockSuffix, work: "taking \(path) for the meantime", until: .after(milliseconds: 10_000))
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
        lock.releaseAndRemove()
    }

    /// Removes directories whose locks nobody holds any more. Whatever cannot be removed is somebody else's, and stays.
    private static func removeAbandoned(in folder: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix(prefix) && name.hasSuffix(lockSuffix) {
            let path = "\(folder)/\(name)"
            guard let abandoned = try? FileLock(path: path, work: "a command is at work") else { continue }
            try? FileManager.default.removeItem(atPath: String(path.dropLast(lockSuffix.count)))
            abandoned.releaseAndRemove()
        }
    }
}
