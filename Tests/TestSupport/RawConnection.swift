import Glibc

/// A client's end of a TCP connection to this machine; reads wait for at most ten seconds.
public final class RawConnection {
    private var descriptor: Int32

    public init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let result = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, result == 0 else { throw Refused() }
    }

    public struct Refused: Error {}

    deinit { close() }

    public func close() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }

    public func send(_ text: String) { send(Array(text.utf8)) }

    public func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe Glibc.send(
                    descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// What comes until `end` does, or until the other end closes; it includes `end`.
    public func read(until end: String) -> String {
        var bytes: [UInt8] = []
        let end = Array(end.utf8)
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < end.count || !bytes.suffix(end.count).elementsEqual(end) {
            // One by one: what follows belongs to the next reader.
            let count = unsafe recv(descriptor, &buffer, 1, 0)
            guard count > 0 else { break }
            bytes.append(buffer[0])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `count` bytes, or fewer if the other end closes.
    public func read(count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < count {
            let read = unsafe recv(descriptor, &buffer, min(buffer.count, count - bytes.count), 0)
            guard read > 0 else { break }
            bytes += buffer.prefix(read)
        }
        return bytes
    }

    /// Whether the other end has closed already; reads what it has sent.
    public var isBroken: Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count <= 0 { return count == 0 || errno != EAGAIN }
        }
    }

    /// Whether the other end closes within ten seconds.
    public func isClosed() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 || count < 0 && errno == ECONNRESET { return true }
            if count < 0 { return false }
        }
    }
}
