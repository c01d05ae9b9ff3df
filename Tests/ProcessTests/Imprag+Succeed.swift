import TestSupport
import Testing

extension Imprag {
    /// Runs a command that has to end well, within five minutes.
    ///
    /// - Returns: its output.
    @discardableResult
    static func succeed(_ arguments: [String]) throws -> String {
        let outcome = try run(arguments, seconds: 300)
        try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
        return outcome.output
    }
}
