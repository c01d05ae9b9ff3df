internal import Foundation

/// Which file a path names: the same for all names of one file, and another for a file that has taken its place.
public struct FileIdentity: Hashable, Sendable {
    private let device: UInt
    private let inode: UInt

    /// Nil where there is no file.
    public init?(path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Of an open file, whatever names it has now.
    init?(descriptor: Int32) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
    }
}
