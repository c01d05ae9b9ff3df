import Core
import Foundation
import Kernels
import Platform

do {
    let words: [String]
    do throws(ImpRAGError) {
        try KernelLevel.check(ProcessInfo.processInfo.environment[KernelLevel.variable])
        words = try CommandArguments.validated()
    } catch {
        throw UsageError(message: error.message)
    }
    try await runCommandLine(words)
} catch let error as UsageError {
    printError("imprag: \(error.message)")
    exit(2)
} catch {
    printError("imprag: \(plainText(of: error))")
    exit(1)
}
