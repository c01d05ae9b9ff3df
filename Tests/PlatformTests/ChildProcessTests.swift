import Core
import Platform
import Synchronization
import TestSupport
import Testing

@Suite(.serialized)
struct ChildProcessTests {
    /// Reads both pipes of `child` until it has ended.
    private func run(_ child: ChildProcess) -> (output: [String], errors: [String], exit: ChildProcess.Exit?) {
        var output: [String] = []
        var errors: [String] = []
        while !(child.output.ended && child.errors.ended) {
            _ = waitForInput(on: [child.output.descriptor, child.errors.descriptor], milliseconds: 100)
            output += child.output.readLines()
            errors += child.errors.readLines()
        }
        while child.reap() == nil { _ = waitForInput(on: [], milliseconds: 5) }
        return (output, errors, child.exit)
    }

    @Test("a child's lines arrive on the pipe that it wrote them to, with its exit code")
    func output() throws {
        let child = try ChildProcess(
            executable: "/bin/sh", arguments: ["-c", "echo one; echo two >&2; printf 'no line feed'; exit 3"])
        let result = run(child)
        #expect(result.output == ["one", "no line feed"])
        #expect(result.errors == ["two"])
        #expect(result.exit == .code(3))
    }

    @Test("a killed child reports the signal")
    func killed() throws {
        let child = try ChildProcess(executable: "/bin/sleep", arguments: ["60"])
        child.send(signal: 9)
        #expect(run(child).exit == .signal(9))
        #expect(ChildProcess.Exit.signal(9).description == "signal 9 (SIGKILL)")
    }

    @Test("a program that does not exist is an error that names it")
    func missingProgram() {
        let error = #expect(throws: ImpRAGError.self) {
            try ChildProcess(executable: "/nonexistent/program", arguments: [])
        }
        #expect(error?.code == .notFound)
        #expect(error?.message.contains("/nonexistent/program") == true)
    }

    @Test("a child reads nothing and leads a process group of its own")
    func isolation() throws {
        let child = try ChildProcess(
            executable: "/bin/sh", arguments: ["-c", "cat; cut -d' ' -f5 /proc/$$/stat; echo $$"])
        let result = run(child)
        #expect(result.output == ["\(child.processID)", "\(child.processID)"])
    }

    @Test("a child dies with the thread that started it")
    func parentDeath() throws {
        // The handle outlives the thread, so that it is not its end that kills the child.
        let holder = Mutex<ChildProcess?>(nil)
        let thread = try NamedThread("parent") {
            holder.withLock { $0 = try? ChildProcess(executable: "/bin/sleep", arguments: ["60"]) }
        }
        thread.join()
        var exit: ChildProcess.Exit?
        for _ in 0..<1000 where exit == nil {
            _ = waitForInput(on: [], milliseconds: 10)
            exit = holder.withLock { $0?.reap() }
        }
        #expect(exit == .signal(9))
    }

    @Test("a very long line is cut at the limit, and the next line is whole")
    func longLine() throws {
        let child = try ChildProcess(
            executable: "/bin/sh", arguments: ["-c", "head -c 100000 /dev/zero | tr '\\0' x; echo; echo next"])
        let result = run(child)
        #expect(result.output.map(\.utf8.count) == [LineReader.lineByteLimit, 4])
    }

    @Test("resident memory is more than a megabyte and less than the machine's")
    func residentMemory() {
        let now = ResidentMemory.now
        #expect(now > ByteCount(1 << 20))
        #expect(now < ByteCount(1 << 50))
    }
}
