/// Everything that is wrong with a text, in the order found. Owned by one reader.
public final class Problems {
    public private(set) var lines: [String] = []

    public init() {}

    /// Adds what is wrong at a place.
    public func add(_ place: String, _ message: String) {
        lines.append("\(place): \(message)")
    }
}
