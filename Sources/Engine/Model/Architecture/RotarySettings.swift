import Core
import Foundation

/// How positions turn into angles (RoPE), as `config.json` says.
struct RotarySettings: Sendable {
    let theta: Double
    /// Nil for plain RoPE.
    let llama3: Llama3Scaling?

    /// Llama 3's stretching of slow frequencies (Llama 3.1's `rope_type` "llama3").
    struct Llama3Scaling: Sendable {
        let factor: Double
        let lowFrequencyFactor: Double
        let highFrequencyFactor: Double
        let originalPositions: Double
    }

    /// `[headSize / 2]`: radians per position, in float64.
    func frequencies(headSize: Int) -> [Double] {
        (0..<headSize / 2).map { index in
            let frequency = pow(theta, -2 * Double(index) / Double(headSize))
            guard let scaling = llama3 else { return frequency }
            let turns = scaling.originalPositions * frequency / (2 * .pi)
            let span = scaling.highFrequencyFactor - scaling.lowFrequencyFactor
            let smooth = min(1, max(0, (turns - scaling.lowFrequencyFactor) / span))
            return (1 - smooth) * frequency / scaling.factor + smooth * frequency
        }
    }
}

extension RotarySettings {
    private static let partial = "partial_rotary_factor is not 1; only heads that rotate as a whole are supported"

    /// Reads `rope_parameters` (newer files) or `rope_theta` and `rope_scaling` (older ones); reports into `config`.
    init(_ config: inout ObjectReader) {
        let thetas = 1e-3...1e18
        var scaling: ObjectReader?
        if var parameters = config.object("rope_parameters") {
            // Some writers leave theta at the top level.
            let outer = config.number("rope_theta", in: thetas)
            theta = parameters.number("rope_theta", in: thetas) ?? outer ?? 10_000
            if parameters.number("partial_rotary_factor", in: 0...1) ?? 1 != 1 {
                parameters.report(Self.partial)
            }
            scaling = parameters
        } else {
            theta = config.number("rope_theta", in: thetas) ?? 10_000
            scaling = config.object("rope_scaling")
        }
        if config.number("partial_rotary_factor", in: 0...1) ?? 1 != 1 {
            config.report(Self.partial)
        }
        guard var scaling else {
            llama3 = nil
            return
        }
        let name = scaling.string("rope_type") ?? scaling.string("type") ?? "default"
        switch name {
        case "default":
            llama3 = nil
        case "llama3":
            let factors = 1e-3...1e6
            let low = scaling.requiredNumber("low_freq_factor", in: factors)
            let high = scaling.requiredNumber("high_freq_factor", in: factors)
            if high <= low {
                scaling.report("high_freq_factor is \(high); it must be greater than low_freq_factor, \(low)")
            }
            llama3 = Llama3Scaling(
                factor: scaling.requiredNumber("factor", in: factors), lowFrequencyFactor: low,
                highFrequencyFactor: high,
                originalPositions: scaling.requiredNumber("original_max_position_embeddings", in: 1...1e9))
        default:
            scaling.report("rope_type is \"\(name)\"; supported are \"default\" and \"llama3\"")
            llama3 = nil
        }
    }
}
