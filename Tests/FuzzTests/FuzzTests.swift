import Foundation
import FuzzTargets
import TestSupport
import Testing

/// Foreign bytes in every format that this program reads. An input that ends the process stood last in the file that
/// `inputPath` names; `make fuzz TARGET=…` goes on from there.
// One after the other: readers of files have one scratch file in a process.
@Suite(.serialized) struct FuzzTests {
    /// The fuzzers' inputs that are committed: seeds, and what ended a process once.
    private static func corpus(_ target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
        let folder = URL(filePath: SharedData.packageRoot).appending(path: target.corpusFolder)
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }.map { ($0.lastPathComponent, [UInt8](try Data(contentsOf: $0))) }
    }

    private static func inputPath(_ target: FuzzTarget) -> String {
        TemporaryDirectory.fastest + "/imprag-fuzz-\(target.rawValue)"
    }

    @Test("what a format's own writer makes is accepted", arguments: FuzzTarget.allCases)
    func seeds(target: FuzzTarget) throws {
        let seeds = try target.seeds()
        #expect(!seeds.isEmpty)
        for seed in seeds { #expect(target.read(seed), "\(String(decoding: seed.prefix(200), as: UTF8.self))") }
    }

    @Test(
        "the committed inputs of the fuzzers are read or refused, and the seeds among them read",
        arguments: FuzzTarget.allCases)
    func replay(target: FuzzTarget) throws {
        let inputs = try Self.corpus(target)
        #expect(inputs.contains { $0.name.hasPrefix("seed") })
        for input in inputs {
            let isAccepted = target.read(input.bytes)
            #expect(isAccepted || !input.name.hasPrefix("seed"), "\(target.corpusFolder)/\(input.name)")
        }
    }

    @Test("no changed input ends the process, and some are accepted, some refused", arguments: FuzzTarget.allCases)
    func mutations(target: FuzzTarget) throws {
        let seeds = try target.seeds() + Self.corpus(target).map(\.bytes)
        var mutator = Mutator(seed: 11)
        let input = Self.inputPath(target)
        defer { try? FileManager.default.removeItem(atPath: input) }
        var accepted = 0
        let count = 1000
        for _ in 0..<count {
            let bytes = mutator.next(seeds)
            try Data(bytes).write(to: URL(filePath: input))
            if target.read(bytes) { accepted += 1 }
        }
        #expect(accepted > 0 && accepted < count, "\(accepted) of \(count) inputs were accepted")
    }
}
