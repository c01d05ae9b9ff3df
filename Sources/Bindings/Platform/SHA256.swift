import CCrypto

/// An incremental SHA-256 (FIPS 180-4); one owner, finished once.
@safe public struct SHA256: ~Copyable {
    private let context: OpaquePointer?

    public init() {
        unsafe context = EVP_MD_CTX_new()
        let started = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
        precondition(started == 1, "libcrypto offers no SHA-256")
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    /// Adds `bytes` to what has been hashed.
    public mutating func update(_ bytes: RawSpan) {
        let added = unsafe bytes.withUnsafeBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        precondition(added == 1, "EVP_DigestUpdate failed")
    }

    /// Adds `bytes` to what has been hashed.
    public mutating func update(_ bytes: [UInt8]) {
        update(unsafe bytes.span.bytes)
    }

    /// The digest of `bytes`: 32 bytes.
    public static func digest(of bytes: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    /// The digest of a whole file: 32 bytes.
    public static func digest(of file: MappedFile) -> [UInt8] {
        var hash = SHA256()
        file.withBytes { hash.update($0) }
        return hash.finish()
    }

    /// The digest: 32 bytes.
    public consuming func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        let finished = unsafe digest.withUnsafeMutableBufferPointer {
            unsafe EVP_DigestFinal_ex(context, $0.baseAddress, nil)
        }
        precondition(finished == 1, "EVP_DigestFinal_ex failed")
        return digest
    }
}
