internal import Core

/// What dominates a plan, and what would change it.
extension CapacityPlan {
    public struct CostDriver: Sendable {
        public let what: String
        public let remedy: String
    }

    public var drivers: [CostDriver] { [memoryDriver, searchDriver, buildDriver, answerDriver, diskDriver] }

    private var memoryDriver: CostDriver {
        let largest = shard.memory.max { $0.size < $1.size } ?? ("nothing", ByteCount(0))
        let all = ByteCount.product(largest.size.bytes, shard.count)
        let share = percent(largest.size.bytes, of: shard.memoryTotal.bytes)
        return CostDriver(
            what: "memory of shards: \(share) is \(largest.what), \(all) over \(request.replicas) replicas",
            remedy: request.replicas > 1
                ? "one replica less saves \(ByteCount(shard.memoryTotal.bytes * shardsPerReplica))"
                : "it grows with the passages alone")
    }

    private var searchDriver: CostDriver {
        let other = request.recall >= 0.97 ? 0.95 : 0.98
        let changed = SearchEstimate(
            rows: partitionRows, dimension: model.dimension, recall: other, codeSize: request.codeSize)
        let scanning = search.scanned / max(1, Double(partitionRows))
        return CostDriver(
            what: "a search: \(thousandths(searchSeconds)) ms of a core, \(rounded(search.probes)) lists "
                + "(\(permille(scanning)) of the codes) and \(rounded(search.rescored)) vectors in each of \(partitions) "
                + "partitions",
            remedy:
                "recall \(other) would take \(hundredths(changed.servedSeconds / search.servedSeconds)) times as long")
    }

    private var buildDriver: CostDriver {
        let share = percent(Int(1000 * build.embedSeconds), of: Int(1000 * build.seconds))
        return CostDriver(
            what: "time to index: \(share) is embedding \(rounded(build.embedTokensPerSecond)) tokens/s a machine",
            remedy: model.compute == .int8
                ? "more parts divide it" : "more parts divide it, and `imprag quantize` nearly halves it")
    }

    private var answerDriver: CostDriver {
        CostDriver(
            what: "answers: \(hundredths(answersPerSecond.read)) a second of \(generator.count) generators that read "
                + "\(model.topK) passages each",
            remedy: "with the passages' states stored \(hundredths(answersPerSecond.stored)); all of them take "
                + "\(ByteCount.product(request.passages, request.passageTokens, model.stateBytesPerToken))")
    }

    private var diskDriver: CostDriver {
        let largest = stored.max { $0.bytes < $1.bytes } ?? ("nothing", ByteCount(0))
        let reads = Double(partitions) * search.rescored * request.searchesPerSecond
        return CostDriver(
            what: "disk: \(percent(largest.bytes.bytes, of: storeBytes.checkpoints.bytes)) is \(largest.what)",
            remedy:
                "memory left to the system caches vectors; with none, searches read \(rounded(reads)) times a second")
    }

    private func percent(_ part: Int, of whole: Int) -> String {
        "\(whole > 0 ? Int((100 * Double(part) / Double(whole)).rounded()) : 0) %"
    }

    private func permille(_ share: Double) -> String { "\(hundredths(100 * share)) %" }
    private func rounded(_ value: Double) -> String { String(Int(value.rounded())) }
    private func hundredths(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }
    private func thousandths(_ seconds: Double) -> String { hundredths(1000 * seconds) }
}
