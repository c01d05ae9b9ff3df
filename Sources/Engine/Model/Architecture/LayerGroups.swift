import Core

/// The `imprag` object of `config.json`: what this method adds to a decoder.
struct LayerGroups: Sendable {
    /// b.
    let bottomBoundary: Int
    /// t.
    let topBoundary: Int
    let topK: Int
    let maxPassageTokens: Int
    let passageEncoding: PassageEncoding

    /// Reports into `config`.
    init(_ config: inout ObjectReader, _ architecture: Architecture, directory: String) {
        guard var own = config.object("imprag") else {
            if config.value("imprag") == nil {
                config.report(
                    "the imprag object is missing: this model has no layer groups to retrieve with; `imprag-import "
                        + "\(directory) --out NEW` makes a directory that has it (Training/README.md, Import)")
            }
            (bottomBoundary, topBoundary, topK, maxPassageTokens, passageEncoding) = (0, 0, 0, 1, .concatenated)
            return
        }
        let last = architecture.layerCount - 1
        bottomBoundary = own.requiredInteger("bottom_boundary", in: 0...last)
        topBoundary = own.requiredInteger("top_boundary", in: 0...last)
        if topBoundary < bottomBoundary {
            own.report(
                "top_boundary is \(topBoundary); one from bottom_boundary, \(bottomBoundary), to \(last) is expected")
        }
        topK = own.requiredInteger("top_k", in: 0...65536)
        maxPassageTokens = own.requiredInteger("max_passage_tokens", in: 1...architecture.maxPositions)
        let encodings = PassageEncoding.allCases.map(\.rawValue).joined(separator: ", ")
        let name = own.string("passage_encoding")
        if name == nil { own.report("passage_encoding is missing; one of \(encodings) is expected") }
        let encoding = name.flatMap(PassageEncoding.init(rawValue:))
        if let name, encoding == nil {
            own.report("passage_encoding is \"\(name.prefix(60))\"; one of \(encodings) is expected")
        }
        passageEncoding = encoding ?? .concatenated
        // Fields of a newer trainer count for the fingerprint alone; a typo would silently leave a default.
        own.reportUnknown(misspelledOnly: true)
    }
}
