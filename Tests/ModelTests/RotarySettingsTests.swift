import Kernels
import Testing

@testable import Model

@Suite struct RotarySettingsTests {
    @Test("plain frequencies fall from 1 by powers of theta")
    func plain() {
        let frequencies = RotarySettings(theta: 10_000, llama3: nil).frequencies(headSize: 8)
        for (computed, expected) in zip(frequencies, [1, 0.1, 0.01, 0.001]) {
            #expect(abs(computed - expected) < 1e-12)
        }
    }

    @Test("Llama 3's scaling keeps fast frequencies, divides slow ones and blends between")
    func llama3() {
        let scaling = RotarySettings.Llama3Scaling(
            factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 64)
        // Turns within 64 positions: 10.19, 2.546 and 0.637; the middle one is blended with (2.546 - 1) / 3.
        let frequencies = RotarySettings(theta: 64, llama3: scaling).frequencies(headSize: 6)
        let middle = 0.5154932
        for (computed, expected) in zip(frequencies, [1, (1 - middle) * 0.25 / 8 + middle * 0.25, 0.0625 / 8]) {
            #expect(abs(computed - expected) < 1e-6)
        }
    }

    @Test("a table's rotation is the same wherever the table ends")
    func table() {
        let frequencies = RotarySettings(theta: 10_000, llama3: nil).frequencies(headSize: 8)
        let long = RotaryTable(frequencies: frequencies, positions: 20).rotation(at: 7, count: 5)
        let short = RotaryTable(frequencies: frequencies, positions: 3).rotation(at: 7, count: 5)
        let range = long.start * 4..<(long.start + 5) * 4
        #expect(Array(long.cosines[range]) == short.cosines)
        #expect(Array(long.sines[range]) == short.sines)
    }
}
