// The fuzzer of one target, by libFuzzer, which brings `main`. Built by fuzz.sh, never by `swift build` alone.

import Foundation
import FuzzTargets

/// Which format this process reads, from the environment: libFuzzer has the command line.
private let target: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
        print("FUZZ_TARGET is \"\(name)\"; known: \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
        exit(2)
    }
    return target
}()

/// libFuzzer's entry.
@_cdecl("LLVMFuzzerTestOneInput")
public func readInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    unsafe target.read([UInt8](UnsafeBufferPointer(start: start, count: count)))
    return 0
}

/// Called by libFuzzer before anything else. With `FUZZ_SEEDS=DIR` it only writes the target's seeds there.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafePointer<CInt>, _ arguments: UnsafeRawPointer) -> CInt {
    guard let folder = ProcessInfo.processInfo.environment["FUZZ_SEEDS"] else { return 0 }
    do {
        for (number, seed) in try target.seeds().enumerated() {
            try Data(seed).write(to: URL(filePath: folder).appending(path: "seed-\(number)"))
        }
        exit(0)
    } catch {
        print("the seeds cannot be written: \(error)")
        exit(1)
    }
}
