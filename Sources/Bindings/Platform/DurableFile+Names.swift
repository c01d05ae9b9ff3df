public import Core
internal import Foundation

/// Names of files, which are on the disk when a call returns.
extension DurableFile {
    /// Gives the file at `path` the further name `other`, and brings that to the disk. False when something has that
    /// name.
    public static func link(_ path: String, to other: String) throws(ImpRAGError) -> Bool {
        guard unsafe Foundation.link(path, other) == 0 else {
            let code = errno
            if code == EEXIST { return false }
            throw failure(code, "cannot name \(path) \(other)")
        }
        try syncDirectory(of: other)
        return true
    }

    /// A new file at `other` with what the file at `path` holds, on the disk: the same file by another name where the
    /// file system can, else a copy. Neither may be written to later.
    ///
    /// - Throws: `notFound` when there is no file at `path`.
    public static func linkOrCopy(_ path: String, to other: String) throws(ImpRAGError) {
        if unsafe Foundation.link(path, other) == 0 { return try synchronize(other) }
        let code = errno
        guard code == EXDEV || code == EPERM || code == EMLINK || code == ENOTSUP else {
            throw failure(code, "cannot name \(path) \(other)")
        }
        let source = try MappedFile(path: path)
        let copy = try OutputFile(path: other)
        let piece = 8 << 20
        for first in stride(from: 0, to: source.count, by: piece) {
            let range = first..<min(first + piece, source.count)
            try source.withBytes(in: range) { (bytes) throws(ImpRAGError) in try copy.write(bytes) }
            source.release(range)
        }
        try copy.synchronize()
        try syncDirectory(of: other)
    }

    private static func synchronize(_ path: String) throws(ImpRAGError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fileFailure("cannot open \(path)") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw fileFailure("cannot bring \(path) to the disk") }
        try syncDirectory(of: path)
    }

    /// Removes a file, and brings that to the disk. False when there is none.
    public static func remove(_ path: String) throws(ImpRAGError) -> Bool {
        guard unsafe unlink(path) == 0 else {
            if errno == ENOENT || errno == ENOTDIR || errno == EISDIR { return false }
            throw fileFailure("cannot delete \(path)")
        }
        try syncDirectory(of: path)
        return true
    }

    /// Whether there was an empty directory, which is gone now.
    public static func removeEmptyDirectory(_ path: String) -> Bool { unsafe rmdir(path) == 0 }

    /// Makes the directories `words[0]/words[1]/…` below `path` that are missing. The names of all are on the disk
    /// afterwards, also of those that another process has just made.
    ///
    /// - Throws: `notFound` when another process removes one, as empty, meanwhile.
    public static func makeDirectories(_ words: [String], in path: String) throws(ImpRAGError) {
        var folder = path
        for word in words {
            folder += "/" + word
            if unsafe mkdir(folder, 0o755) != 0 {
                let code = errno
                guard code == EEXIST else { throw failure(code, "cannot make the directory \(folder)") }
            }
            try syncDirectory(of: folder)
        }
    }

    /// What a directory holds: names, and sizes of regular files (nil for a directory). Nothing else, and nothing where
    /// there is no directory.
    public static func entries(of path: String) throws(ImpRAGError) -> [(name: String, size: Int?)] {
        guard let stream = unsafe opendir(path) else {
            if errno == ENOENT || errno == ENOTDIR { return [] }
            throw fileFailure("cannot list \(path)")
        }
        defer { unsafe closedir(stream) }
        var entries: [(name: String, size: Int?)] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            var status = stat()
            guard name != ".", name != "..", unsafe stat("\(path)/\(name)", &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFREG: entries.append((name, Int(status.st_size)))
            case S_IFDIR: entries.append((name, nil))
            default: break
            }
        }
        return entries
    }
}
