/// A `Strip` of the file: removes up to a number of occurrences of one character from the start and the end of a text.
struct CharacterStrip: Sendable {
    /// One character, as UTF-8.
    let content: [UInt8]
    let start: Int
    let stop: Int

    /// How many may still be removed from the start of the text that comes with `next`.
    private var startLeft: Int
    /// How many at the end of the text so far are held back.
    private var held = 0

    init(content: [UInt8], start: Int, stop: Int) {
        self.content = content
        self.start = start
        self.stop = stop
        startLeft = start
    }

    /// A text that is there as a whole, stripped.
    func applied(to text: [UInt8]) -> [UInt8] {
        var strip = self
        strip.restart()
        return strip.next(text)
    }

    /// The text that is certain after another part, which is whole characters. What is still held back when nothing
    /// follows is what the end loses.
    mutating func next(_ part: [UInt8]) -> [UInt8] {
        if startLeft == 0, stop == 0 { return part }
        var output: [UInt8] = []
        var offset = 0
        let span = part.span
        while offset < span.count {
            guard span.starts(with: content, at: offset) else {
                startLeft = 0
                for _ in 0..<held { output += content }
                held = 0
                output.append(span[offset])
                offset += 1
                continue
            }
            offset += content.count
            if startLeft > 0 {
                startLeft -= 1
            } else if held == stop {
                output += content
            } else {
                held += 1
            }
        }
        return output
    }

    /// Makes it ready for another text.
    mutating func restart() {
        startLeft = start
        held = 0
    }
}
