import Foundation
import Synchronization

/// The `imprag` binary that was built together with the tests, run as its users run it.
public enum Imprag {
    /// What a finished run left.
    public struct Outcome: Sendable {
        public let status: Int32
        public let output: String
        public let errors: String
    }

    /// The binary's path: it stands beside the test bundle.
    public static let path: String = {
        let candidates = ProcessInfo.processInfo.arguments.prefix(1) + [Bundle.main.executablePath ?? ""]
        for candidate in candidates {
            var directory = URL(filePath: candidate).resolvingSymlinksInPath().deletingLastPathComponent()
            for _ in 0..<4 {
                let path = directory.appending(path: "imprag").path(percentEncoded: false)
                if (try? FileManager.default.attributesOfItem(atPath: path))?[.type] as? FileAttributeType
                    == .typeRegular
                {
                    return path
                }
                directory.deleteLastPathComponent()
            }
        }
        return SharedData.packageRoot + "/.build/debug/imprag"
    }()

    /// Runs a command to its end; it is killed after `seconds`.
    public static func run(_ arguments: [String], input: String = "", seconds: Double = 180) throws -> Outcome {
        try run(arguments, bytes: Array(input.utf8), seconds: seconds)
    }

    /// The same with any bytes on standard input.
    public static func run(_ arguments: [String], bytes: [UInt8], seconds: Double = 180) throws -> Outcome {
        try RunningProcess(path, arguments, input: bytes).wait(seconds: seconds)
    }
}

/// A child process whose output is collected while it runs. Killed when the value goes away.
public final class RunningProcess: Sendable {
    private let process: Mutex<Process>
    private let output = Mutex<Data>(Data())
    private let errors = Mutex<Data>(Data())
    private let readers = DispatchGroup()
    public let identifier: Int32

    public init(_ path: String, _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:]) throws
    {
        let child = Process()
        child.executableURL = URL(filePath: path)
        child.arguments = arguments
        child.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (inPipe, outPipe, errPipe) = (Pipe(), Pipe(), Pipe())
        child.standardInput = inPipe
        child.standardOutput = outPipe
        child.standardError = errPipe
        try child.run()
        identifier = child.processIdentifier
        process = Mutex(child)
        collect(outPipe.fileHandleForReading) { data in self.output.withLock { $0.append(data) } }
        collect(errPipe.fileHandleForReading) { data in self.errors.withLock { $0.append(data) } }
        // A child that does not read its input must not stop the test, nor end it with SIGPIPE.
        signal(SIGPIPE, SIG_IGN)
        let writer = inPipe.fileHandleForWriting
        DispatchQueue.global().async {
            try? writer.write(contentsOf: Data(input))
            try? writer.close()
        }
    }

    deinit {
        kill(SIGKILL)
    }

    public var standardOutput: String { String(decoding: output.withLock { $0 }, as: UTF8.self) }
    public var standardError: String { String(decoding: errors.withLock { $0 }, as: UTF8.self) }
    public var isRunning: Bool { process.withLock { $0.isRunning } }

    public func kill(_ signal: Int32) {
        if isRunning { _ = Foundation.kill(identifier, signal) }
    }

    /// Polls `condition` until it holds; false after `seconds`, or when the process ended before.
    public func waits(seconds: Double, for condition: (RunningProcess) -> Bool) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end {
            if condition(self) { return true }
            if !isRunning { return condition(self) }
            Thread.sleep(forTimeInterval: 0.01)
        }
        return false
    }

    /// Waits for the end; kills the process after `seconds`.
    public func wait(seconds: Double) throws -> Imprag.Outcome {
        if !waits(seconds: seconds, for: { !$0.isRunning }) { kill(SIGKILL) }
        let status = process.withLock { child in
            child.waitUntilExit()
            return child.terminationStatus
        }
        readers.wait()
        return Imprag.Outcome(status: status, output: standardOutput, errors: standardError)
    }

    private func collect(_ handle: FileHandle, _ append: @escaping @Sendable (Data) -> Void) {
        readers.enter()
        DispatchQueue.global().async {
            while case let data = handle.availableData, !data.isEmpty { append(data) }
            self.readers.leave()
        }
    }
}
