/// What a request line asks for, without its query. Pure.
struct RequestTarget {
    /// With its escapes.
    let path: [UInt8]
    /// The server's name in `http://NAME/PATH`, as proxies are asked; it counts instead of `Host` then. Nil: there is a
    /// path alone.
    let authority: String?

    init(_ text: [UInt8]) {
        let scheme = ["http://", "https://"].map { Array($0.utf8) }.first { scheme in
            text.count > scheme.count && zip(text, scheme).allSatisfy { $0 | 0x20 == $1 | 0x20 }
        }
        guard let scheme else {
            (path, authority) = (text, nil)
            return
        }
        let rest = text[scheme.count...]
        let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        authority = String(decoding: rest[..<slash], as: UTF8.self)
        path = slash == rest.endIndex ? Array("/".utf8) : Array(rest[slash...])
    }
}
