import CCrypto

/// HMAC with SHA-256 (RFC 2104).
public enum HMAC {
    /// The code of `message` under `key`: 32 bytes.
    public static func sha256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: 32)
        let made = unsafe code.withUnsafeMutableBufferPointer { code in
            unsafe CCrypto.HMAC(
                EVP_sha256(), key, Int32(clamping: key.count), message, message.count, code.baseAddress, nil) != nil
        }
        precondition(made, "libcrypto offers no HMAC with SHA-256")
        return code
    }
}
