import Core
import TestSupport
import Testing

@testable import Storage

@Suite struct CertaintyTests {
    private func thresholds(_ model: String, k: Int, score: Float) -> CertaintyThresholds {
        CertaintyThresholds(
            fingerprint: model, words: .off, encoding: .segmented, k: k, vectorScore: score, questions: 9)
    }

    @Test(
        "thresholds stay with a collection, one for each kind of request; those of other models or collections are refused"
    )
    func kept() throws {
        let collection = StoredCollection(MemoryStore())
        let sample = IndexManifest.sample(partitions: 1)
        try collection.write(sample, deadline: .soon)
        let model = sample.fingerprint
        try collection.keep(thresholds(model, k: 1, score: 1), deadline: .soon)
        try collection.keep(thresholds(model, k: 2, score: 2), of: sample.collection, deadline: .soon)
        try collection.keep(thresholds(model, k: 1, score: 0.1), deadline: .soon)
        let kept = try collection.manifest(deadline: .soon).manifest.certainty
        #expect(kept == [thresholds(model, k: 2, score: 2), thresholds(model, k: 1, score: 0.1)])
        let other = String(repeating: "0", count: 64)
        #expect(throws: ImpRAGError.self) {
            try collection.keep(thresholds(other, k: 1, score: 1), deadline: .soon)
        }
        #expect(throws: ImpRAGError.self) {
            try collection.keep(thresholds(model, k: 1, score: 1), of: "another", deadline: .soon)
        }
        #expect(try collection.manifest(deadline: .soon).manifest.certainty == kept)
    }
}
