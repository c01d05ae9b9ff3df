import CKernels

/// Aligned memory that is never moved; freed with the object.
@safe final class PanelMemory: @unchecked Sendable {
    // Sendable because whoever writes is the only one to know the object at that time.
    let base: UnsafeMutableRawPointer
    let count: Int

    private static let largePage = 2 << 20

    init(byteCount: Int) {
        count = byteCount
        let alignment = byteCount >= Self.largePage ? Self.largePage : 64
        unsafe base = .allocate(byteCount: max(64, byteCount), alignment: alignment)
        if byteCount >= Self.largePage { unsafe imprag_use_large_pages(base, byteCount) }
    }

    deinit {
        unsafe base.deallocate()
    }
}
