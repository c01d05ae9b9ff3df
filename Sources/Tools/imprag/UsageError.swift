/// An invalid command line; exit code 2.
struct UsageError: Error {
    let message: String
}
