internal import Core
internal import Foundation
internal import PassageStore
internal import Retrieval
internal import VectorIndex

/// The end of indexing, when all passages are in their partitions: checksums, vector indexes, manifest.
struct IndexFinisher {
    let directory: IndexWorkspace
    let embedder: any PassageEmbedder
    let options: VectorIndexOptions
    let monitor: RunMonitor

    /// Ends the bulk indexing of every partition and reads it back for its checksum. One shard's writer each, in order.
    func verify(_ writers: [PartitionWriter]) throws(ImpRAGError) -> [IndexManifest.Shard] {
        var shards: [IndexManifest.Shard] = []
        let phaseStart = ContinuousClock.now
        for (shard, writer) in writers.enumerated() {
            monitor.tell(.verifying, shard, writers.count, since: phaseStart)
            try monitor.checkCancelled("all passages are embedded")
            shards.append(
                IndexManifest.Shard(
                    directory: IndexDirectory.shardName(shard), passages: writer.count,
                    checksum: try writer.finish().description))
        }
        monitor.tell(.verifying, writers.count, writers.count, since: phaseStart)
        return shards
    }

    /// Makes the vector indexes of the shards and the manifest, which completes the index.
    ///
    /// - Returns: what calibration found; nil when no shard needed a vector index.
    func finish(
        _ job: IndexJob, _ writers: [PartitionWriter], modelName: String
    ) throws(ImpRAGError) -> IndexReport.Calibrated? {
        var shards = try verify(writers)
        var sample: SampleQueries?
        var calibrated: IndexReport.Calibrated?
        for shard in shards.indices {
            guard let calibration = try makeVectorIndex(shard, of: shards.count, &sample) else { continue }
            shards[shard].calibration = calibration.entries.map {
                CalibratedPlan(
                    target: $0.target, measured: $0.measured, probes: $0.plan.probes, margin: Double($0.plan.margin))
            }
            guard let recall = calibration.entry(for: options.recall)?.measured else { continue }
            calibrated = IndexReport.Calibrated(
                recall: min(calibrated?.recall ?? 1, recall), queries: calibration.queries, source: calibration.source)
        }
        let manifest = IndexManifest(
            fingerprint: job.fingerprint, model: modelName, dimension: job.dimension, shards: shards,
            corpus: job.corpus, states: job.states)
        try directory.finish(manifest)
        return calibrated
    }

    /// Trains, codes and calibrates one partition's vector index, unless an interrupted run has; nil when the partition is
    /// so small that it needs none.
    private func makeVectorIndex(
        _ shard: Int, of shardCount: Int, _ sample: inout SampleQueries?
    ) throws(ImpRAGError) -> Calibration? {
        let partition = try Partition(path: directory.shardPath(shard), access: .readWrite)
        var told = (step: IndexConstruction.Step?.none, start: ContinuousClock.now)
        if try IndexConstruction.isNeeded(for: partition) {
            let threads = options.threads ?? ProcessInfo.processInfo.activeProcessorCount
            if sample == nil { sample = try sampleQueries(shardCount) }
            let (isCancelled, state) = (
                monitor.isCancelled, "all passages are indexed; the vector index of shard \(shard) is not"
            )
            _ = try IndexConstruction(partition, target: options.recall, threads: threads).run(
                generation: 1, sample: sample,
                pause: { () throws(ImpRAGError) in if isCancelled() { throw RunMonitor.stopped(state) } }
            ) { step, done, total throws(ImpRAGError) in
                if told.step != step { told = (step, .now) }
                monitor.tell(IndexProgress.Phase(step), done, total, since: told.start)
                try directory.requireSpace(shardCount: shardCount)
                try monitor.checkCancelled(state)
            }
            try partition.flush()
        }
        return try LivePartition(partition).calibration
    }

    /// The same for all shards: what one is asked, all are asked.
    private func sampleQueries(_ shardCount: Int) throws(ImpRAGError) -> SampleQueries {
        if let prompts = options.prompts {
            return SampleQueries(vectors: try embed(Self.spread(prompts)), source: .questions)
        }
        var prompts: [String] = []
        let count = (SampleQueries.limit + shardCount - 1) / shardCount
        for shard in 0..<shardCount {
            let partition = try Partition(path: directory.shardPath(shard), access: .readOnly)
            prompts += try SamplePrompts.prompts(of: partition, count: count)
        }
        return SampleQueries(vectors: try embed(Self.spread(prompts)), source: .prompts)
    }

    private func embed(_ prompts: [String]) throws(ImpRAGError) -> [Float] {
        var vectors: [Float] = []
        for first in stride(from: 0, to: prompts.count, by: 64) {
            try monitor.checkCancelled("all passages are indexed; their vector index is not")
            vectors += try embedder.embed(prompts: Array(prompts[first..<min(first + 64, prompts.count)]))
        }
        return vectors
    }

    /// As many as a calibration uses, from all over the list.
    private static func spread(_ prompts: [String]) -> [String] {
        let count = min(prompts.count, SampleQueries.limit)
        return (0..<count).map { prompts[$0 * prompts.count / count] }
    }
}
