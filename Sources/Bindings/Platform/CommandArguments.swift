public import Core
import Glibc

/// The words of this process's command line.
public enum CommandArguments {
    /// All words after the program's name.
    ///
    /// - Throws: `invalidArgument` naming the first word that is not UTF-8 and its first invalid byte: `CommandLine`
    ///   would silently repair such words into others.
    public static func validated() throws(ImpRAGError) -> [String] {
        var words: [String] = []
        for number in 1..<max(1, Int(CommandLine.argc)) {
            guard let start = unsafe CommandLine.unsafeArgv[number] else { break }
            let bytes = unsafe Array(UnsafeRawBufferPointer(start: start, count: strlen(start)))
            do {
                _ = try UTF8Span(validating: bytes.span)
            } catch {
                throw ImpRAGError(
                    .invalidArgument,
                    "word \(number) of the command line is not UTF-8: its byte \(error.byteOffsets.lowerBound + 1) begins no character"
                )
            }
            words.append(String(decoding: bytes, as: UTF8.self))
        }
        return words
    }
}
