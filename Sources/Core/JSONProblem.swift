/// What is wrong with a value of a JSON text, in words that go on after its name, as in `must be a string`.
public struct JSONProblem: Error {
    public let message: String

    public init(_ message: String) {
        self.message = message
    }
}
