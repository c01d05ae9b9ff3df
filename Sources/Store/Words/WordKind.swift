/// A character's class for word segmentation: Unicode Standard Annex 29, with the cases that it leaves to tailoring.
enum WordKind {
    /// Ends a word.
    case other
    case letter
    case digit
    /// Extends whatever precedes it.
    case mark
    /// A word by itself: an ideograph, or a letter of a script without spaces between words, which would need a
    /// dictionary.
    case single
    case katakana
    /// Joins letters and digits, as _ does.
    case connector
    /// Joins letters, with one on either side.
    case betweenLetters
    /// Joins digits, with one on either side.
    case betweenDigits
    /// Joins letters or digits: full stop and apostrophes.
    case between

    private static let ascii: [WordKind] = (0..<128).map { code -> WordKind in
        switch UInt8(code) {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): .letter
        case UInt8(ascii: "0")...UInt8(ascii: "9"): .digit
        case UInt8(ascii: "_"): .connector
        case UInt8(ascii: "."), UInt8(ascii: "'"): .between
        case UInt8(ascii: ","), UInt8(ascii: ";"): .betweenDigits
        default: .other
        }
    }

    @inline(__always)
    static func of(ascii byte: UInt8) -> WordKind { ascii[Int(byte)] }

    static func of(_ scalar: Unicode.Scalar) -> WordKind {
        switch scalar.value {
        case 0..<128: return ascii[Int(scalar.value)]
        case 0x00B7, 0x0387, 0x055F, 0x05F4, 0x2027: return .betweenLetters
        case 0x2018, 0x2019, 0x2024, 0xFE52, 0xFF07, 0xFF0E: return .between
        case 0x037E, 0x0589, 0x060C, 0x060D, 0x066C, 0x07F8, 0x2044, 0xFE10, 0xFE14, 0xFE50, 0xFE54, 0xFF0C, 0xFF1B:
            return .betweenDigits
        // Thai, Lao, Myanmar, Khmer, Hiragana, and their extensions.
        case 0x0E01...0x0E3A, 0x0E40...0x0E4E, 0x0E81...0x0ECE, 0x0EDC...0x0EDF, 0x1000...0x103F, 0x1050...0x108F,
            0x109A...0x109F, 0x1780...0x17D3, 0x17D7, 0x17DC...0x17DD, 0xA9E0...0xA9EF, 0xA9FA...0xA9FE,
            0xAA60...0xAA7F, 0x3041...0x3096, 0x309D...0x309F:
            return isMark(scalar) ? .mark : .single
        case 0x3031...0x3035, 0x309B...0x309C, 0x30A0...0x30FA, 0x30FC...0x30FF, 0x31F0...0x31FF, 0x32D0...0x32FE,
            0x3300...0x3357, 0xFF66...0xFF9D:
            return .katakana
        case 0x3000...0x3004, 0x3008...0x3030, 0xFF9E...0xFF9F: return isMark(scalar) ? .mark : .other
        default: break
        }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: return .mark
        // A joiner or a soft hyphen within a word.
        case .format: return scalar.value == 0x200B ? .other : .mark
        case .decimalNumber: return .digit
        case .connectorPunctuation: return .connector
        default: break
        }
        if properties.isIdeographic { return .single }
        return properties.isAlphabetic ? .letter : .other
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}
