public import Core
internal import Foundation
internal import Platform
internal import Synchronization

/// Objects as files below a directory: the store of one machine, for any number of its processes.
///
/// A write goes to a file of its own first, is brought to the disk, and then gets its name: by a link, which fails
/// where something has that name, for `absent`; otherwise by renaming, under a lock that those share who replace or
/// delete. So a reader sees whole objects, and whatever dies in between leaves at most a nameless file, which goes
/// later.
///
///     DIRECTORY/KEY      an object; a key's words are folders
///     DIRECTORY/.new/    files without a name yet
///     DIRECTORY/.lock    held while an object is replaced or deleted
public final class DirectoryStore: ObjectStore {
    public let path: String
    /// Folders whose names are on the disk.
    private let known = Mutex<Set<String>>([])

    /// A file without a name that is older has no writer any more.
    private static let leftoverSeconds = 24 * 3600.0

    /// Makes the directory where there is none.
    ///
    /// - Throws: `unavailable` when the system refuses, `invalidArgument` when something else stands there.
    public init(path: String) throws(ImpRAGError) {
        self.path = path
        do {
            try FileManager.default.createDirectory(atPath: path + "/.new", withIntermediateDirectories: true)
        } catch {
            throw ImpRAGError(
                .unavailable,
                "\(path) cannot be a store: the system lets no directory be made there, or it is something else",
                cause: error)
        }
        removeLeftovers()
    }

    /// The store in a directory that is there, for reading: makes nothing, so that it may be a backup that nobody may
    /// write to.
    ///
    /// - Throws: `notFound` when there is no directory.
    public init(existing path: String) throws(ImpRAGError) {
        guard FileManager.default.fileExists(atPath: path + "/.") else {
            throw ImpRAGError(.notFound, "there is no directory \(path)")
        }
        self.path = path
    }

    public var name: String { path }

    public var availableSpace: ByteCount? { FreeSpace.available(at: path) }

    private func removeLeftovers() {
        let folder = path + "/.new"
        for file in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(file)")
            guard let changed = attributes?[.modificationDate] as? Date,
                changed.timeIntervalSinceNow < -Self.leftoverSeconds
            else { continue }
            try? FileManager.default.removeItem(atPath: "\(folder)/\(file)")
        }
    }

    private func path(of key: ObjectKey) -> String { "\(path)/\(key.text)" }

    // MARK: Reading

    public func get(_ key: ObjectKey, limit: Int, deadline: Deadline) throws(ImpRAGError) -> StoredObject? {
        try deadline.check("reading \(key) from \(name)")
        guard let file = try map(key) else { return nil }
        guard file.count <= limit else { throw tooLarge(key, file.count, limit: limit, in: name) }
        return stored(file.copyBytes(in: 0..<file.count))
    }

    public func read(_ key: ObjectKey, _ range: Range<Int>, deadline: Deadline) throws(ImpRAGError) -> ObjectPart? {
        try check(range, of: key)
        try deadline.check("reading \(key) from \(name)")
        guard let file = try map(key) else { return nil }
        return ObjectPart(bytes: file.copyBytes(in: range.clamped(to: 0..<file.count)), size: file.count)
    }

    /// The file of an object; nil where there is none.
    private func map(_ key: ObjectKey) throws(ImpRAGError) -> MappedFile? {
        do throws(ImpRAGError) {
            return try MappedFile(path: path(of: key))
        } catch {
            // A folder is no object.
            if error.code == .notFound || error.code == .invalidArgument { return nil }
            throw error
        }
    }

    private func stored(_ bytes: [UInt8]) -> StoredObject {
        StoredObject(bytes: bytes, version: Self.version(bytes))
    }

    /// The contents name themselves.
    private static func version(_ bytes: [UInt8]) -> ObjectVersion {
        ObjectVersion(hexadecimal(SHA256.digest(of: bytes)))
    }

    // MARK: Writing

    public func put(
        _ bytes: [UInt8], as key: ObjectKey, if condition: PutCondition, deadline: Deadline
    ) throws(ImpRAGError) -> PutOutcome {
        try check(bytes, as: key, if: condition)
        try deadline.check("writing \(key) to \(name)")
        let fresh = path + "/.new/\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: fresh) }
        do {
            let file = try OutputFile(path: fresh)
            try file.write(bytes)
            try file.synchronize()
        }
        switch condition {
        case .absent:
            guard try !give(fresh, the: key) else { break }
            return try found(bytes, key)
        case .always:
            let lock = try lock(key, deadline)
            defer { lock.release() }
            try replace(key, by: fresh)
        case .version(let version):
            let lock = try lock(key, deadline)
            defer { lock.release() }
            guard let now = try get(key, limit: conditionalLimit, deadline: .never) else { return .lost(to: nil) }
            if now.bytes == bytes { break }
            guard now.version == version else { return .lost(to: now) }
            try replace(key, by: fresh)
        }
        return .stored(Self.version(bytes))
    }

    /// What a writer that was not the first found: its own bytes, or another's.
    private func found(_ bytes: [UInt8], _ key: ObjectKey) throws(ImpRAGError) -> PutOutcome {
        let now = try get(key, limit: conditionalLimit, deadline: .never)
        guard let now, now.bytes == bytes else { return .lost(to: now) }
        // Its writer may have died before the name was on the disk.
        try DurableFile.syncDirectory(of: path(of: key))
        return .stored(now.version)
    }

    public func upload(_ file: String, as key: ObjectKey, deadline: Deadline) throws(ImpRAGError) {
        let fresh = path + "/.new/\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: fresh) }
        try DurableFile.linkOrCopy(file, to: fresh)
        let lock = try lock(key, deadline)
        defer { lock.release() }
        try replace(key, by: fresh)
    }

    public func download(_ key: ObjectKey, to file: String, deadline: Deadline) throws(ImpRAGError) -> Bool {
        try deadline.check("copying \(key) from \(name)")
        do throws(ImpRAGError) {
            try DurableFile.linkOrCopy(path(of: key), to: file)
        } catch {
            if error.code == .notFound { return false }
            throw error
        }
        return true
    }

    public func delete(_ key: ObjectKey, deadline: Deadline) throws(ImpRAGError) {
        let lock = try lock(key, deadline)
        defer { lock.release() }
        guard try DurableFile.remove(path(of: key)) else { return }
        // Folders that hold nothing go with their last object; one that is being filled stays.
        var words = key.text.split(separator: "/").dropLast()
        while !words.isEmpty, DurableFile.removeEmptyDirectory("\(path)/\(words.joined(separator: "/"))") {
            words.removeLast()
        }
    }

    private func lock(_ key: ObjectKey, _ deadline: Deadline) throws(ImpRAGError) -> FileLock {
        try FileLock.waiting(
            path: path + "/.lock", work: "writing \(key) to \(name): another process holds \(path)/.lock",
            until: deadline)
    }

    private func replace(_ key: ObjectKey, by fresh: String) throws(ImpRAGError) {
        try withFolder(of: key) { () throws(ImpRAGError) in try DurableFile.rename(fresh, to: path(of: key)) }
    }

    /// Gives the file its name, unless something has it already.
    private func give(_ fresh: String, the key: ObjectKey) throws(ImpRAGError) -> Bool {
        var isFirst = false
        try withFolder(of: key) { () throws(ImpRAGError) in isFirst = try DurableFile.link(fresh, to: path(of: key)) }
        return isFirst
    }

    /// Makes the key's folder, and calls `body`: again when somebody has removed the folder in between, because it was
    /// empty.
    private func withFolder(of key: ObjectKey, _ body: () throws(ImpRAGError) -> Void) throws(ImpRAGError) {
        let words = key.text.split(separator: "/").dropLast().map(String.init)
        let folder = words.joined(separator: "/")
        var attempts = 0
        while true {
            do throws(ImpRAGError) {
                if !known.withLock({ $0.contains(folder) }) {
                    try DurableFile.makeDirectories(words, in: path)
                    _ = known.withLock { $0.insert(folder) }
                }
                return try body()
            } catch {
                attempts += 1
                guard error.code == .notFound, attempts < 100 else { throw error }
                _ = known.withLock { $0.remove(folder) }
            }
        }
    }

    // MARK: Listing

    public func list(
        _ prefix: String, after: ObjectKey?, limit: Int, deadline: Deadline
    ) throws(ImpRAGError) -> [ListedObject] {
        var found: [ListedObject] = []
        try walk("", prefix, after, limit, deadline, &found)
        return found
    }

    /// Adds what a folder holds, `folder` being empty or ending with `/`.
    private func walk(
        _ folder: String, _ prefix: String, _ after: ObjectKey?, _ limit: Int, _ deadline: Deadline,
        _ found: inout [ListedObject]
    ) throws(ImpRAGError) {
        try deadline.check("listing \(name)")
        var entries: [(key: String, size: Int?)] = []
        for entry in try DurableFile.entries(of: "\(path)/\(folder)") where !entry.name.hasPrefix(".") {
            entries.append((folder + entry.name + (entry.size == nil ? "/" : ""), entry.size))
        }
        entries.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (key, size) in entries where found.count < limit {
            let isFolder = size == nil
            guard key.hasPrefix(prefix) || isFolder && prefix.hasPrefix(key) else { continue }
            if let after {
                // All of a folder comes before what follows it.
                let isPast = !key.utf8.lexicographicallyPrecedes(after.text.utf8) && key != after.text
                guard isPast || isFolder && after.text.hasPrefix(key) else { continue }
            }
            if isFolder {
                try walk(key, prefix, after, limit, deadline, &found)
            } else if let size, let key = try? ObjectKey(key) {
                found.append(ListedObject(key: key, size: size))
            }
        }
    }
}

func tooLarge(_ key: ObjectKey, _ size: Int, limit: Int, in store: String) -> ImpRAGError {
    ImpRAGError(
        .resourceExhausted, "\(key) in \(store) has \(ByteCount(size)); at most \(ByteCount(limit)) are taken")
}

func check(_ range: Range<Int>, of key: ObjectKey) throws(ImpRAGError) {
    guard range.lowerBound >= 0, !range.isEmpty else {
        throw ImpRAGError(
            .invalidArgument, "bytes \(range.lowerBound)..<\(range.upperBound) of \(key) are no range of bytes")
    }
}
