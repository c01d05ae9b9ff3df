import Foundation

do {
    try await runCommandLine(Array(CommandLine.arguments.dropFirst()))
} catch let error as UsageError {
    printError("imprag: \(error.message)")
    exit(2)
} catch {
    printError("imprag: \(error)")
    exit(1)
}
