/// Files that are not what a reader of text or weights expects, recognized by their first bytes.
public enum ForeignFile {
    /// Bytes that `problem` looks at.
    public static let headBytes = 48

    private static let kinds: [(magic: [UInt8], problem: String)] = [
        (
            Array("version https://git-lfs".utf8),
            "is a Git LFS pointer and not the file itself; `git lfs pull` in its repository fetches that"
        ),
        ([0x28, 0xB5, 0x2F, 0xFD], "is compressed with zstd; plain and gzip files are read, `zstd -d` unpacks it"),
        (
            [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00],
            "is compressed with xz; plain and gzip files are read, `unxz` unpacks it"
        ),
        ([0x50, 0x4B, 0x03, 0x04], "is a zip file; plain and gzip files are read, `unzip` unpacks it"),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "is a 7z file; plain and gzip files are read, `7z x` unpacks it"),
        ([0x04, 0x22, 0x4D, 0x18], "is compressed with lz4; plain and gzip files are read, `lz4 -d` unpacks it"),
        (Array("Rar!".utf8) + [0x1A, 0x07], "is a RAR file; plain and gzip files are read, `unrar x` unpacks it"),
        (Array("%PDF-".utf8), "is a PDF file; text is read, which `pdftotext` makes of it"),
        (
            Array("SQLite format 3\0".utf8),
            "is an SQLite database; JSON lines are read, which `sqlite3 -json` helps to make"
        ),
        (Array("ARROW1\0\0".utf8), "is an Arrow file; JSON lines are read, which pandas or duckdb make of it"),
        (Array("GGUF".utf8) + [3, 0], "is a GGUF file; `imprag-import` makes a model directory of it"),
        ([0x50, 0x41, 0x52, 0x31, 0x15], "is a Parquet file; JSON lines are read, which pandas or duckdb make of it"),
        ([0xFF, 0xFE], "is UTF-16; UTF-8 is read, `iconv -f UTF-16 -t UTF-8` makes it"),
        ([0xFE, 0xFF], "is UTF-16; UTF-8 is read, `iconv -f UTF-16 -t UTF-8` makes it"),
    ]

    /// What a file that begins with `head` is, and what to do about it, worded to follow the file's name; nil for an
    /// unknown kind.
    public static func problem(head: some Collection<UInt8>) -> String? {
        if head.starts(with: Array("BZh".utf8)), head.dropFirst(4).starts(with: Array("1AY&SY".utf8)) {
            return "is compressed with bzip2; plain and gzip files are read, `bunzip2` unpacks it"
        }
        return kinds.first { head.starts(with: $0.magic) }?.problem
    }
}
