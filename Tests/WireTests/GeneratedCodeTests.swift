import Foundation
import TestSupport
import Testing

@Suite struct GeneratedCodeTests {
    @Test("the committed C is what protoc-c makes of the proto file", .enabled(if: hasCompiler, "needs protoc-c"))
    func current() throws {
        #expect(try run("\(SharedData.packageRoot)/Protos/generate.sh", "--check") == 0)
    }

    private static var hasCompiler: Bool {
        (try? run("/usr/bin/env", "sh", "-c", "command -v protoc-c > /dev/null")) == 0
    }
}

/// The exit status of a program.
private func run(_ program: String, _ arguments: String...) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
}
