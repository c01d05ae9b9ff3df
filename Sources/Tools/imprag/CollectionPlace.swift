import Core
import Foundation
import ObjectStore
import Storage

/// A directory or bucket as commands over collections name it.
struct CollectionPlace {
    let location: String
    let store: any ObjectStore
    /// The path of a directory; nil for a bucket.
    let directory: String?

    enum Use {
        /// Reading or deleting what is there.
        case existing
        /// Writing to what is there.
        case changing
        case making
    }

    init(_ location: String, for use: Use) throws {
        directory = location.contains("://") ? nil : location
        if use == .changing, let directory {
            // Opening it for writing would make it.
            _ = try DirectoryStore(existing: directory)
        }
        self.location = location
        store = BoundedStore(try openStore(location, isThere: use == .existing))
        if directory == nil, use != .existing {
            // A manifest that two writers replace at once would lose one's work.
            try StoreCheck(store, deadline: .after(milliseconds: 60_000)).runConditions()
        }
    }

    var collection: StoredCollection { StoredCollection(store) }

    /// Calls `body` with a directory for the meantime, and removes it afterwards: in `--scratch`; else beside the
    /// directory of the collection, where tables take no room; else in the system's.
    func withScratch<Value>(_ arguments: Arguments, _ body: (String) throws -> Value) throws -> Value {
        let place: URL
        if let given = arguments.string("scratch") {
            place = URL(filePath: given)
        } else if let directory {
            place = URL(filePath: directory).standardizedFileURL.deletingLastPathComponent()
        } else {
            place = FileManager.default.temporaryDirectory
        }
        let scratch = try ScratchDirectory(in: place.path(percentEncoded: false))
        defer { scratch.remove() }
        return try body(scratch.path)
    }
}

let scratchOption = Option.optional(
    "scratch", "DIR",
    "where one partition at a time is put for the meantime (default: beside a directory, else the system's)")

/// The store at `location`.
func openStore(_ location: String, isThere: Bool = false) throws -> any ObjectStore {
    do throws(ImpRAGError) {
        return try openObjectStore(
            location, environment: ProcessInfo.processInfo.environment, isThere: isThere)
    } catch {
        guard error.code == .invalidArgument else { throw error }
        throw UsageError(message: error.message)
    }
}

/// Runs long work on a collection: with a line of progress, and until Ctrl-C.
///
/// - Parameter stopped: what to say after Ctrl-C.
func withProgress<Value>(
    stopped: String, _ body: (_ show: (@autoclosure () -> String) throws(ImpRAGError) -> Void) throws -> Value
) throws -> Value {
    let interruption = try Interruption()
    let line = ProgressLine()
    defer { line.finish() }
    return try body { (text) throws(ImpRAGError) in
        guard !interruption.hasArrived else { throw ImpRAGError(.cancelled, stopped) }
        line.show(text())
    }
}

extension RecoveryProgress {
    /// One line for people.
    var text: String {
        let place = "partition \(partition) of \(partitionCount)"
        switch step {
        case .fetching: return "\(place): \(ByteCount(done)) of \(ByteCount(total)) fetched"
        case .applying: return "\(place): \(done) of \(total) epochs applied"
        case .counting: return "\(place): reading \(total) passages"
        case .writing: return "\(place): writing its checkpoint"
        }
    }
}
