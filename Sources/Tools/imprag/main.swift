import Core
import Foundation
import Kernels

do {
    do {
        try KernelLevel.check(ProcessInfo.processInfo.environment[KernelLevel.variable])
    } catch {
        throw UsageError(message: error.message)
    }
    try await runCommandLine(Array(CommandLine.arguments.dropFirst()))
} catch let error as UsageError {
    printError("imprag: \(error.message)")
    exit(2)
} catch {
    printError("imprag: \(error)")
    exit(1)
}
