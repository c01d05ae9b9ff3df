import Core
import Indexing

extension IndexProgress {
    /// One line for humans: progress, rate, time left.
    var text: String {
        let share = total > 0 ? 100 * done / total : 100
        let eta = pace.remainingSeconds.map { ", \(readable(seconds: $0)) left" } ?? ""
        switch phase {
        case .checking, .scanning:
            return "\(phase.rawValue): \(ByteCount(done)) of \(ByteCount(total)) (\(share) %)\(eta)"
        case .embedding, .merging, .states:
            return
                "\(phase.rawValue): \(done) of \(total) passages (\(share) %), \(fixed(pace.rate, 0)) passages/s\(eta)"
        case .training, .calibrating: return "\(phase.rawValue) the vector index: \(share) %\(eta)"
        case .codebooks: return "learning the codebooks of states"
        case .coding: return "coding vectors: \(done) of \(total) (\(share) %), \(fixed(pace.rate, 0)) vectors/s\(eta)"
        case .words: return "weighing words: \(done) of \(total) partitions\(eta)"
        case .checkpoints: return "checkpoints: \(done) of \(total) partitions\(eta)"
        case .verifying: return "verifying: \(done) of \(total) partitions\(eta)"
        }
    }

    var isLast: Bool { done >= total }
}
