import CPCRE2

/// What one running match needs for itself: the result vector, the limits, and the stack of the compiled code.
///
/// Owned by one call at a time: `Regex` takes it out of its pool under a lock and returns it after the call.
@safe final class MatchState: @unchecked Sendable {
    // Sendable by that ownership: no two threads ever hold the same state, and PCRE2 binds none of these to a thread.
    let data: OpaquePointer
    let context: OpaquePointer
    private let stack: OpaquePointer?

    /// Compiled code starts with 32 KiB of stack and may grow to this; a match that needs more goes to the interpreter,
    /// whose frames are on the heap.
    private static let maximumStackBytes = 1 << 20

    /// Nil when there is no memory.
    init?(code: OpaquePointer) {
        guard let data = unsafe pcre2_match_data_create_from_pattern_8(code, nil) else { return nil }
        guard let context = unsafe pcre2_match_context_create_8(nil) else {
            unsafe pcre2_match_data_free_8(data)
            return nil
        }
        unsafe self.data = data
        unsafe self.context = context
        unsafe stack = pcre2_jit_stack_create_8(32 << 10, Self.maximumStackBytes, nil)
        if let stack = unsafe stack { unsafe pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(stack)) }
    }

    deinit {
        unsafe pcre2_match_data_free_8(data)
        unsafe pcre2_match_context_free_8(context)
        if let stack = unsafe stack { unsafe pcre2_jit_stack_free_8(stack) }
    }
}
