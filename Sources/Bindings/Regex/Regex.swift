import CPCRE2
import Synchronization

/// A compiled regular expression over UTF-8: PCRE2 with Unicode properties, JIT-compiled where the processor allows.
///
/// Immutable and shared by all threads; matches may run concurrently.
@safe public final class Regex: Sendable {
    /// How the pattern is read.
    public struct Options: OptionSet, Sendable {
        public let rawValue: Int

        public init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// `^` and `$` also match at line feeds.
        public static let multiline = Options(rawValue: 1)
        /// The pattern is plain text without special characters.
        public static let literal = Options(rawValue: 2)
    }

    /// The compiled pattern. Sendable because PCRE2 only reads it after `pcre2_jit_compile`.
    @safe private struct Code: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private let code: Code
    /// Whether there is machine code; without it every match is interpreted.
    public let isCompiledToMachineCode: Bool
    private let idle = Mutex<[MatchState]>([])
    /// More states than this are freed after use, so that a burst of threads does not hold memory forever.
    private static let maximumIdleStates = 16

    /// Compiles `pattern`. `\C` (one byte) is refused: it could split characters.
    public init(_ pattern: String, options: Options = []) throws(RegexError) {
        var flags = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C
        if options.contains(.literal) { flags |= PCRE2_LITERAL } else { flags |= PCRE2_UCP }
        if options.contains(.literal) { flags &= ~PCRE2_NEVER_BACKSLASH_C }
        if options.contains(.multiline), !options.contains(.literal) { flags |= PCRE2_MULTILINE }

        var errorCode: Int32 = 0
        var errorOffset = 0
        var text = pattern
        let compiled = text.withUTF8 { bytes in
            unsafe pcre2_compile_8(bytes.baseAddress, bytes.count, flags, &errorCode, &errorOffset, nil)
        }
        guard let compiled = unsafe compiled else {
            throw RegexError(
                call: "pcre2_compile", code: errorCode, message: Self.message(of: errorCode), patternOffset: errorOffset
            )
        }
        code = unsafe Code(pointer: compiled)
        isCompiledToMachineCode = unsafe pcre2_jit_compile_8(compiled, PCRE2_JIT_COMPLETE) == 0
    }

    deinit {
        unsafe pcre2_code_free_8(code.pointer)
    }

    /// Appends the ranges of the next matches in `text[range]`, at most `limit` of them, in order and not overlapping.
    ///
    /// The pattern sees only `range`: it looks neither ahead past its end nor behind its start. An empty match directly
    /// after another match is skipped, as in Oniguruma's and Rust's iterators.
    ///
    /// - Parameters:
    ///   - range: byte offsets into `text`, both between characters.
    ///   - cursor: where to continue; starts as `MatchCursor()`, `isFinished` when there are no more matches.
    ///   - matches: byte offsets into `text`.
    /// - Throws: when the match limit or the memory is exhausted, as by a pattern that backtracks without end.
    public func findMatches(
        in text: UTF8Span, range: Range<Int>, cursor: inout MatchCursor, limit: Int = .max,
        appendingTo matches: inout [Range<Int>]
    ) throws(RegexError) {
        guard !cursor.isFinished, limit > 0 else { return }
        let bytes = text.span
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "\(range) of \(bytes.count) bytes")
        precondition(
            Self.isBetweenCharacters(bytes, range.lowerBound) && Self.isBetweenCharacters(bytes, range.upperBound),
            "\(range) cuts a character")

        let state = try takeState()
        // Also keeps the state and this object, whose pointers PCRE2 holds, alive until the last match.
        defer { withExtendedLifetime(self) { putBack(state) } }
        // PCRE2's default limit is ten million steps whatever the length; a long text may legitimately need more.
        let steps = UInt32(clamping: max(10_000_000, range.count.multipliedReportingOverflow(by: 64).partialValue))
        unsafe pcre2_set_match_limit_8(state.context, steps)

        var failure: RegexError?
        unsafe bytes.withUnsafeBufferPointer { buffer in
            // An empty buffer may have no address; PCRE2 wants one.
            var nothing: UInt8 = 0
            if let base = buffer.baseAddress {
                failure = unsafe run(base + range.lowerBound, range, state, &cursor, limit, &matches)
            } else {
                failure = unsafe run(&nothing, range, state, &cursor, limit, &matches)
            }
        }
        if let failure { throw failure }
    }

    /// The loop of `findMatches` over the bytes at `subject`; returns the error instead of throwing it through a
    /// closure.
    private func run(
        _ subject: UnsafePointer<UInt8>, _ range: Range<Int>, _ state: MatchState, _ cursor: inout MatchCursor,
        _ limit: Int, _ matches: inout [Range<Int>]
    ) -> RegexError? {
        let length = range.count
        let base = range.lowerBound
        guard let offsets = unsafe pcre2_get_ovector_pointer_8(state.data) else {
            return RegexError(call: "pcre2_get_ovector_pointer", code: PCRE2_ERROR_NULL, message: "no result vector")
        }
        var found = 0
        while found < limit {
            guard cursor.position <= length else { break }
            let result = unsafe matchOnce(subject, length, at: cursor.position, state)
            if result == PCRE2_ERROR_NOMATCH { break }
            guard result >= 0 else {
                return RegexError(call: "pcre2_match", code: result, message: Self.message(of: result))
            }
            let start = unsafe offsets[0]
            let end = unsafe offsets[1]
            // `\K` in a lookahead can put the start after the end or before the last match.
            guard start <= end, start >= cursor.lastMatchEnd ?? 0, end <= length else {
                return RegexError(
                    call: "pcre2_match", code: PCRE2_ERROR_BADOFFSET, message: "the pattern moves a match backwards")
            }
            if start == end, cursor.lastMatchEnd == end {
                cursor.position += 1
                while cursor.position < length, unsafe subject[cursor.position] & 0xC0 == 0x80 { cursor.position += 1 }
                continue
            }
            cursor.position = end
            cursor.lastMatchEnd = end
            matches.append(base + start..<base + end)
            found += 1
        }
        if found < limit { cursor.isFinished = true }
        return nil
    }

    /// One match from `position` on: by machine code if there is any, by the interpreter when its stack is too small.
    @inline(__always)
    private func matchOnce(
        _ subject: UnsafePointer<UInt8>, _ length: Int, at position: Int, _ state: MatchState
    ) -> Int32 {
        if isCompiledToMachineCode {
            let result = unsafe pcre2_jit_match_8(
                code.pointer, subject, length, position, PCRE2_NO_UTF_CHECK, state.data, state.context)
            if result != PCRE2_ERROR_JIT_STACKLIMIT { return result }
        }
        return unsafe pcre2_match_8(
            code.pointer, subject, length, position, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, state.data, state.context)
    }

    private func takeState() throws(RegexError) -> MatchState {
        if let state = idle.withLock({ $0.popLast() }) { return state }
        guard let state = unsafe MatchState(code: code.pointer) else {
            throw RegexError(
                call: "pcre2_match_data_create", code: PCRE2_ERROR_NOMEMORY,
                message: Self.message(of: PCRE2_ERROR_NOMEMORY))
        }
        return state
    }

    private func putBack(_ state: MatchState) {
        idle.withLock { states in
            if states.count < Self.maximumIdleStates { states.append(state) }
        }
    }

    private static func isBetweenCharacters(_ bytes: Span<UInt8>, _ offset: Int) -> Bool {
        offset == bytes.count || bytes[offset] & 0xC0 != 0x80
    }

    private static func message(of code: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let length = unsafe buffer.withUnsafeMutableBufferPointer { text in
            unsafe pcre2_get_error_message_8(code, text.baseAddress, text.count)
        }
        guard length > 0 else { return "error \(code)" }
        return String(decoding: buffer.prefix(Int(length)), as: UTF8.self)
    }
}
