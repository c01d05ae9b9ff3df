public import Core

/// The name of an object: words of ASCII letters, digits, `-`, `_` and `.`, apart by `/`. Such a name is the same in a
/// URL, in a file system and in a log.
public struct ObjectKey: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let text: String

    public static let byteLimit = 512

    /// - Throws: `invalidArgument` for a text that is no key.
    public init(_ text: String) throws(ImpRAGError) {
        let words = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.byteLimit, words.allSatisfy(Self.isWord) else {
            throw ImpRAGError(
                .invalidArgument,
                "\"\(text.prefix(80))\" is no object key: words of letters, digits, '-', '_' and '.' apart by '/' are right, at most "
                    + "\(Self.byteLimit) bytes, none of them empty or beginning with '.'")
        }
        self.text = text
    }

    /// A word that begins with a dot may mean something to a file system.
    private static func isWord(_ word: Substring.UTF8View) -> Bool {
        guard let first = word.first, first != UInt8(ascii: ".") else { return false }
        return word.allSatisfy(\.isNameByte)
    }

    public var description: String { text }

    /// By bytes.
    public static func < (left: ObjectKey, right: ObjectKey) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}
