import CKernels

/// Aligned memory that is never moved; freed with the object.
@safe final class PanelMemory: @unchecked Sendable {
    // Sendable because the object is written only before it is shared.
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
