internal import Foundation

/// Who may use a Unix socket, as far as permissions of files say.
public enum SocketFile {
    /// Lets only this user connect to the socket at `path`. False when the system refuses.
    public static func makePrivate(_ path: String) -> Bool { unsafe chmod(path, 0o600) == 0 }

    /// Whether every user of the machine may put another file in the place of the one at `path`: its directory is open
    /// to all for writing, and has no sticky bit as /tmp has.
    public static func isReplaceableByAll(_ path: String) -> Bool {
        let directory = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        var status = stat()
        guard unsafe stat(directory, &status) == 0 else { return false }
        return status.st_mode & S_IWOTH != 0 && status.st_mode & S_ISVTX == 0
    }
}
