// Times `Tokenizer` for compare.py: TokenizerBenchmark TOKENIZER_JSON TEXT_FILE ROUNDS
// Prints one JSON object: seconds to load, seconds of each round, number of ids and a checksum of them.

import Foundation
import Tokenizer

let arguments = CommandLine.arguments
guard arguments.count == 4, let rounds = Int(arguments[3]), rounds > 0,
    let data = FileManager.default.contents(atPath: arguments[2])
else {
    FileHandle.standardError.write(Data("usage: TokenizerBenchmark TOKENIZER_JSON TEXT_FILE ROUNDS\n".utf8))
    exit(2)
}
let text = String(decoding: data, as: UTF8.self)

func seconds(since start: ContinuousClock.Instant) -> Double {
    let parts = (ContinuousClock.now - start).components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
}

do {
    var start = ContinuousClock.now
    let tokenizer = try Tokenizer(path: arguments[1])
    let load = seconds(since: start)
    var times: [Double] = []
    var ids: [Int32] = []
    for _ in 0..<rounds {
        start = ContinuousClock.now
        ids = try tokenizer.encode(text, specialTokens: .recognised, addingTemplate: false)
        times.append(seconds(since: start))
    }
    var checksum: UInt32 = 0
    for id in ids { checksum = checksum &* 31 &+ UInt32(bitPattern: id) }
    print("{\"load\": \(load), \"rounds\": \(times), \"ids\": \(ids.count), \"checksum\": \(checksum)}")
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
