/// Compares answers as SQuAD does, after normalization.
///
/// Source: `normalize_answer` of the SQuAD 1.1 evaluation script (Rajpurkar et al., EMNLP 2016): lowercase, delete
/// ASCII punctuation, replace the words a, an, the by a space, collapse white space. (One known difference: a capital
/// sigma at the end of a word becomes σ here and ς in Python; both sides of a comparison are treated alike.)
public enum AnswerText {
    /// The normalised text: words with single spaces between them.
    public static func normalize(_ text: String) -> String {
        words(text, punctuation: .deleted).joined(separator: " ")
    }

    /// Whether `text` is one of `answers`, both normalised.
    public static func isExactMatch(_ text: String, answers: [String]) -> Bool {
        let normal = normalize(text)
        return answers.contains { normalize($0) == normal }
    }

    /// Whether `text` contains one of `answers` as whole words: its normalized words consecutively among the text's.
    ///
    /// Punctuation is tried both deleted, as in SQuAD (`U.S.` is found as `US`), and as a word boundary, as in DPR's
    /// tokenizer (`1990` is found in `1990-95`). An answer without a word is never contained.
    public static func contains(_ text: String, answers: [String]) -> Bool {
        for punctuation in [Punctuation.deleted, .separating] {
            let textWords = words(text, punctuation: punctuation)
            for answer in answers {
                let wanted = words(answer, punctuation: punctuation)
                guard !wanted.isEmpty, wanted.count <= textWords.count else { continue }
                for start in 0...(textWords.count - wanted.count)
                where textWords[start] == wanted[0] && textWords[start..<(start + wanted.count)].elementsEqual(wanted) {
                    return true
                }
            }
        }
        return false
    }

    // MARK: Private

    private enum Punctuation {
        case deleted
        case separating
    }

    private static let articles: Set<String> = ["a", "an", "the"]

    private static func words(_ text: String, punctuation: Punctuation) -> [String] {
        var kept = String.UnicodeScalarView()
        for scalar in text.lowercased().unicodeScalars {
            if !isPunctuation(scalar) {
                kept.append(scalar)
            } else if punctuation == .separating {
                kept.append(" ")
            }
        }
        // An article is a whole run of letters and digits, even next to a symbol without a space between: the script's
        // regular expression is \b(a|an|the)\b.
        var withoutArticles = String.UnicodeScalarView()
        var run = String.UnicodeScalarView()
        func endRun() {
            if articles.contains(String(run)) {
                withoutArticles.append(" ")
            } else {
                withoutArticles.append(contentsOf: run)
            }
            run.removeAll()
        }
        for scalar in kept {
            if isWordCharacter(scalar) {
                run.append(scalar)
            } else {
                endRun()
                withoutArticles.append(scalar)
            }
        }
        endRun()
        return withoutArticles.split { isSpace($0) }.map { String($0) }
    }

    /// Python's `string.punctuation`.
    private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }

    /// What Python's `\w` matches, except the underscore, which is punctuation and gone by then.
    private static func isWordCharacter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            true
        default: false
        }
    }

    /// What Python's `str.split()` splits at.
    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }
}
