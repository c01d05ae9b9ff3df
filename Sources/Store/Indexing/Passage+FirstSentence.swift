public import Core

extension Passage {
    /// The first sentence of the text, or of the title if there is no text, without its final punctuation, at most 24
    /// words.
    public var firstSentence: String {
        let text = text.isEmpty ? title : text
        var words: [Substring] = []
        for word in text.split(whereSeparator: \.isWhitespace).prefix(24) {
            words.append(word)
            if let last = word.last, ".!?。！？".contains(last) { break }
        }
        return words.joined(separator: " ").trimmingSuffix { ".!?。！？".contains($0) }
    }
}

extension String {
    fileprivate func trimmingSuffix(while isTrimmed: (Character) -> Bool) -> String {
        guard let end = lastIndex(where: { !isTrimmed($0) }) else { return "" }
        return String(self[...end])
    }
}
