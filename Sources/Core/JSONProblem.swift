/// What is wrong with a JSON value, worded to follow its name, as in `must be a string`.
public struct JSONProblem: Error {
    public let message: String

    public init(_ message: String) {
        self.message = message
    }
}
