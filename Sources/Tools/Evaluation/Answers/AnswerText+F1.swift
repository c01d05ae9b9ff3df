public import Core

extension AnswerText {
    /// The best F1 of the words of `text` against one of `answers`, both normalised: 0…1.
    ///
    /// Source: `f1_score` of the SQuAD 1.1 evaluation script; where neither side has a word left, they are equal.
    public static func f1(_ text: String, answers: [String]) -> Double {
        let said = normalize(text).split(separator: " ").map { ByteString(String($0)) }
        return answers.map { f1(said, normalize($0).split(separator: " ").map { ByteString(String($0)) }) }.max() ?? 0
    }

    private static func f1(_ said: [ByteString], _ wanted: [ByteString]) -> Double {
        guard !said.isEmpty, !wanted.isEmpty else { return said == wanted ? 1 : 0 }
        var left: [ByteString: Int] = [:]
        for word in wanted { left[word, default: 0] += 1 }
        var common = 0
        for word in said {
            guard let count = left[word], count > 0 else { continue }
            left[word] = count - 1
            common += 1
        }
        return 2 * Double(common) / Double(said.count + wanted.count)
    }
}
