internal import CStemmer

/// A stemmer of the Snowball library; one owner.
@safe public struct Stemmer: ~Copyable {
    private let handle: OpaquePointer

    /// - Parameter algorithm: the library's name of one, as `porter`.
    /// - Returns: nil when the library has no such algorithm, or memory is exhausted.
    public init?(_ algorithm: String) {
        guard let handle = unsafe sb_stemmer_new(algorithm, "UTF_8") else { return nil }
        unsafe self.handle = handle
    }

    deinit {
        unsafe sb_stemmer_delete(handle)
    }

    /// Replaces `word`, lower-case UTF-8, with its stem.
    public mutating func stem(_ word: inout [UInt8]) {
        let count = word.count
        let stem = unsafe word.withUnsafeBufferPointer { buffer in
            unsafe sb_stemmer_stem(handle, buffer.baseAddress, Int32(clamping: count))
        }
        // Nil when memory is exhausted: the word is its own stem then.
        guard let stem = unsafe stem else { return }
        word.removeAll(keepingCapacity: true)
        unsafe word.append(contentsOf: UnsafeBufferPointer(start: stem, count: Int(sb_stemmer_length(handle))))
    }
}
