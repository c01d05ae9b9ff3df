/// All samples of one name, with what they are.
public struct MetricFamily: Hashable, Sendable {
    public enum Kind: String, Sendable {
        case counter
        case gauge
        case histogram
    }

    public let name: String
    public let kind: Kind
    public let help: String
    public var samples: [MetricSample]
}

extension [MetricFamily] {
    /// Prometheus' text format, version 0.0.4.
    public var prometheusText: String {
        var text = ""
        for family in self {
            text += "# HELP \(family.name) \(Self.escaped(family.help, quotes: false))\n"
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in family.samples {
                switch sample.value {
                case .counter(let count): text += Self.line(sample.name, sample.labels, "\(count)")
                case .gauge(let value): text += Self.line(sample.name, sample.labels, Self.number(value))
                case .histogram(let figures): text += Self.lines(figures, sample.name, sample.labels)
                }
            }
        }
        return text
    }

    private static func lines(_ figures: HistogramFigures, _ name: String, _ labels: [MetricLabel]) -> String {
        var text = ""
        for (index, count) in figures.counts.enumerated() {
            let bound = index < figures.bounds.count ? number(figures.bounds[index]) : "+Inf"
            text += line(name + "_bucket", labels + [MetricLabel("le", bound)], "\(count)")
        }
        return text + line(name + "_sum", labels, number(figures.sum))
            + line(name + "_count", labels, "\(figures.count)")
    }

    private static func line(_ name: String, _ labels: [MetricLabel], _ value: String) -> String {
        guard !labels.isEmpty else { return "\(name) \(value)\n" }
        let list = labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
        return "\(name){\(list)} \(value)\n"
    }

    /// Whole numbers without a fraction, as people write bounds.
    private static func number(_ value: Double) -> String {
        let whole = Int(exactly: value)
        return whole.map { "\($0)" } ?? "\(value)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
