/// Cuts a stream of text before the first stop string, holding back what may be the beginning of one.
struct StopMatcher {
    private let stops: [[UInt8]]
    private var held: [UInt8] = []

    init(_ stops: [String]) {
        self.stops = stops.map { Array($0.utf8) }
    }

    /// The text that is now certain, and whether a stop string ended the answer.
    mutating func append(_ text: String) -> (text: String, stopped: Bool) {
        guard !stops.isEmpty else { return (text, false) }
        held += Array(text.utf8)
        for start in held.indices where stops.contains(where: { held[start...].starts(with: $0) }) {
            let certain = String(decoding: held[..<start], as: UTF8.self)
            held = []
            return (certain, true)
        }
        let cut = held.indices.first { start in stops.contains { $0.starts(with: held[start...]) } } ?? held.endIndex
        let certain = String(decoding: held[..<cut], as: UTF8.self)
        held.removeFirst(cut)
        return (certain, false)
    }

    /// What is held back, when nothing follows.
    mutating func finish() -> String {
        defer { held = [] }
        return String(decoding: held, as: UTF8.self)
    }
}
