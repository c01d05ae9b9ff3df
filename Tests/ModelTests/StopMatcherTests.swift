import TestSupport
import Testing

@testable import Model

struct StopMatcherTests {
    @Test("text is cut before the first stop string, also when it comes in pieces")
    func pieces() {
        var matcher = StopMatcher(["\n\n", "END"])
        #expect(matcher.append("one\n") == ("one", false))
        #expect(matcher.append("two E") == ("\ntwo ", false))
        #expect(matcher.append("N") == ("", false))
        #expect(matcher.append("D three") == ("", true))
    }

    @Test("what only looked like a stop string comes out in the end")
    func heldBack() {
        var matcher = StopMatcher(["STOP"])
        #expect(matcher.append("a STO") == ("a ", false))
        #expect(matcher.finish() == "STO")
        #expect(matcher.finish() == "")
    }

    @Test("however a text is cut into pieces, the same comes out")
    func anyPieces() {
        let text = "aabaabbaabab~tail"
        var random = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            let stop = ["abab", "bb", "zz", "aabaabb"].randomElement(using: &random) ?? ""
            var matcher = StopMatcher([stop])
            var output = ""
            var stopped = false
            var rest = text[...]
            while !rest.isEmpty, !stopped {
                let piece = rest.prefix(Int.random(in: 1...4, using: &random))
                rest = rest.dropFirst(piece.count)
                let step = matcher.append(String(piece))
                output += step.text
                stopped = step.stopped
            }
            if !stopped { output += matcher.finish() }
            let expected = text.range(of: stop).map { String(text[..<$0.lowerBound]) } ?? text
            #expect(output == expected)
        }
    }
}

extension String {
    /// Foundation's name for it, without Foundation.
    fileprivate func range(of part: String) -> Range<Index>? {
        indices.lazy.filter { self[$0...].hasPrefix(part) }.first.map { $0..<index($0, offsetBy: part.count) }
    }
}
