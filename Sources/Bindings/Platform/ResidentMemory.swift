public import Core
import Glibc

/// How much of this process is in memory now.
public enum ResidentMemory {
    /// Resident bytes, including mapped files, from `/proc/self/statm`; zero where that does not exist.
    public static var now: ByteCount {
        let descriptor = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return ByteCount(0) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        // The second field is the number of resident pages.
        let fields = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return ByteCount(0) }
        return ByteCount(pages * sysconf(Int32(_SC_PAGESIZE)))
    }
}
