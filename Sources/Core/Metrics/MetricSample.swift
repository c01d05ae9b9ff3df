/// A metric at one moment.
public struct MetricSample: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case counter(Int)
        /// Finite.
        case gauge(Double)
        case histogram(HistogramFigures)
    }

    /// The limit for a name, and for a label's name and value.
    public static let byteLimit = 128
    public static let labelLimit = 8

    public let name: String
    public let labels: [MetricLabel]
    public let value: Value

    public init(_ name: String, labels: [MetricLabel] = [], _ value: Value) {
        self.name = name
        self.labels = labels
        self.value = value
    }

    /// What is wrong with this name and these labels, as a whole sentence; nil when nothing is.
    public static func problem(name: String, labels: [MetricLabel]) -> String? {
        for word in [name] + labels.map(\.name) where !isName(word) {
            return
                "'\(word.prefix(byteLimit))' is no name of a metric or label; a lowercase letter, then letters, digits "
                + "and '_', at most \(byteLimit) in all, are right"
        }
        guard labels.count <= labelLimit else {
            return "the metric \(name) has \(labels.count) labels; \(labelLimit) are allowed"
        }
        for (place, label) in labels.enumerated() {
            guard label.value.utf8.count <= byteLimit else {
                return
                    "the label \(label.name) of \(name) has a value of \(label.value.utf8.count) bytes; "
                    + "\(byteLimit) are allowed"
            }
            guard !labels.prefix(place).contains(where: { $0.name == label.name }) else {
                return "the metric \(name) has the label \(label.name) twice"
            }
        }
        return nil
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= byteLimit else { return false }
        let isLowercase = { (byte: UInt8) in (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
        return isLowercase(first)
            && text.utf8.allSatisfy {
                isLowercase($0) || $0 == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }
}

extension [MetricSample] {
    /// The sum of the counters and gauges that are called `name` and have all of `labels`; nil when there are none.
    public func total(_ name: String, _ labels: [MetricLabel] = []) -> Double? {
        var sum: Double?
        for sample in self where sample.name == name && labels.allSatisfy(sample.labels.contains) {
            switch sample.value {
            case .counter(let count): sum = (sum ?? 0) + Double(count)
            case .gauge(let value): sum = (sum ?? 0) + value
            case .histogram: break
            }
        }
        return sum
    }

    /// The first histogram that is called `name`.
    public func histogram(_ name: String) -> HistogramFigures? {
        for sample in self where sample.name == name {
            if case .histogram(let figures) = sample.value { return figures }
        }
        return nil
    }
}
