/// Makes untrusted text safe to show on a terminal.
public enum TerminalText {
    /// `text` with a visible form for every character that moves a terminal's cursor, changes its state or changes the
    /// writing direction: C0 except line feed and tab, DEL, C1, and the bidirectional controls.
    public static func visible(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            guard isControl(scalar) else {
                shown.append(scalar)
                continue
            }
            // Unicode has pictures for C0, as in ␛.
            if scalar.value < 0x20, let picture = Unicode.Scalar(0x2400 + scalar.value) {
                shown.append(picture)
            } else if scalar.value == 0x7F {
                shown.append("\u{2421}")
            } else {
                let digits = String(scalar.value, radix: 16, uppercase: true)
                shown.append(
                    contentsOf: "<U+\(String(repeating: "0", count: 4 - digits.count))\(digits)>".unicodeScalars)
            }
        }
        return String(shown)
    }

    /// Whether `scalar` is one that `visible` replaces.
    public static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
