internal import Foundation

/// Folds away what distinguishes spellings of one word: case, accents, and variant forms of letters.
enum WordFolding {
    /// Compatibility decomposition and full case folding, without marks that merely accent a letter (accents, harakat,
    /// niqqud). Marks that are vowels or change the letter (of Indic scripts, of kana) stay.
    static func fold(_ word: String) -> [UInt8] {
        // Uppercase first, which expands letters without a capital, such as ß.
        let letters = word.decomposedStringWithCompatibilityMapping.uppercased().lowercased()
            .decomposedStringWithCompatibilityMapping
        var folded: [UInt8] = []
        for scalar in letters.unicodeScalars {
            switch scalar.value {
            case 0x2018, 0x2019: folded.append(UInt8(ascii: "'"))
            case 0x00E6: folded += Array("ae".utf8)
            case 0x0153: folded += Array("oe".utf8)
            case 0x00F8: folded.append(UInt8(ascii: "o"))
            case 0x0111, 0x00F0: folded.append(UInt8(ascii: "d"))
            case 0x0142: folded.append(UInt8(ascii: "l"))
            // Final sigma, a form of the same letter.
            case 0x03C2: folded += Array("\u{3C3}".utf8)
            default:
                let properties = scalar.properties
                guard properties.generalCategory != .format, !isAccent(properties.canonicalCombiningClass.rawValue)
                else {
                    continue
                }
                folded += Array(UTF8.encode(scalar) ?? UTF8.EncodedScalar())
            }
        }
        return folded
    }

    /// Canonical combining classes: 0 is no combining mark, or a spacing one; 7 to 9 change the letter; 84 to 199 are
    /// vowels and tones of scripts that write them above and below the letter.
    private static func isAccent(_ combiningClass: UInt8) -> Bool {
        combiningClass > 0 && !(7...9).contains(combiningClass) && !(84...199).contains(combiningClass)
    }
}
