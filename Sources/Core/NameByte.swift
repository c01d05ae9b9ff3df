extension UInt8 {
    /// Whether it is an ASCII letter or digit, `-`, `_` or `.`: a text of these is the same in a path, in a URL and in
    /// a log.
    public var isNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
