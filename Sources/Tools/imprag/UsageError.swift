/// A command line that cannot be right; exit code 2.
struct UsageError: Error {
    let message: String
}
