import Foundation

/// A Unix socket at a path, as another program's; closing it leaves its file.
public final class UnixListener {
    private let descriptor: Int32

    public init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let result = unsafe Self.withAddress(path) { address, length in unsafe bind(descriptor, address, length) }
        guard result == 0, listen(descriptor, 1) == 0 else { throw POSIXError(.EADDRINUSE) }
    }

    public func close() {
        Foundation.close(descriptor)
    }

    /// Connects to the socket at `path`. Returns the descriptor, or nil when that is refused.
    public static func connect(to path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        if unsafe withAddress(path, { address, length in unsafe Foundation.connect(descriptor, address, length) }) == 0
        {
            return descriptor
        }
        Foundation.close(descriptor)
        return nil
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8) + [0]) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
