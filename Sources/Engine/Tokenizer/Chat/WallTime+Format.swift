import Core

extension WallTime {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// `strftime` of this moment in UTC, in English; nil for a directive that is not supported.
    func formatted(_ format: String) -> String? {
        // yyyy-mm-ddThh:mm:ss.mmmZ
        let parts = description.split { !$0.isNumber }.map(String.init)
        guard parts.count == 7, let month = Int(parts[1]), Self.months.indices.contains(month - 1) else { return nil }
        var text = ""
        var isDirective = false
        for character in format {
            guard isDirective else {
                if character == "%" { isDirective = true } else { text.append(character) }
                continue
            }
            isDirective = false
            switch character {
            case "Y": text += parts[0]
            case "y": text += parts[0].suffix(2)
            case "m": text += parts[1]
            case "B": text += Self.months[month - 1]
            case "b": text += Self.months[month - 1].prefix(3)
            case "d": text += parts[2]
            case "H": text += parts[3]
            case "M": text += parts[4]
            case "S": text += parts[5]
            case "%": text += "%"
            default: return nil
            }
        }
        return isDirective ? nil : text
    }
}
