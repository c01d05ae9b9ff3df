import Testing

@testable import Indexing

@Suite struct MarkdownTextTests {
    /// The sections as `headings | lines`, blank lines left out.
    private func sections(_ text: String) -> (title: String?, sections: [String]) {
        let markdown = MarkdownText(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        return (
            markdown.title,
            markdown.sections.map { section in
                let lines = section.lines.filter { !$0.isEmpty }
                return section.headings.joined(separator: "/") + " | " + lines.joined(separator: "⏎")
            }
        )
    }

    @Test("the first heading of level 1 is the title, and headings nest below it")
    func nesting() {
        let found = sections("Before.\n# Guide\nA\n## Install\nB\n#### Linux\nC\n### Other\nD\n# Second\nE\n## Deep\nF")
        #expect(found.title == "Guide")
        #expect(
            found.sections == [
                " | Before.", " | A", "Install | B", "Install/Linux | C", "Install/Other | D", "Second | E",
                "Second/Deep | F",
            ])
    }

    @Test(
        "a line of marks is a heading as CommonMark says",
        arguments: [
            ("## A b ##", "A b"), ("## A #b", "A #b"), ("## A#", "A#"), ("   ##\tA   ", "A"), ("## A \\#", "A \\#"),
            ("##A", nil), ("    ## A", nil), ("####### A", nil), ("##", nil), ("## ##", nil), ("\t## A", nil),
            ("> ## A", nil), ("- ## A", nil), ("## \(String(repeating: "x", count: 1025))", nil),
        ] as [(String, String?)])
    func marks(line: String, heading: String?) {
        let found = sections("text\n\(line)\nmore").sections
        if let heading {
            #expect(found == [" | text", "\(heading) | more"])
        } else {
            #expect(found.count == 1 && found[0].contains("more"), "\(found)")
        }
    }

    @Test("a paragraph that is underlined is a heading, whole; a line over a list, a quotation or nothing is none")
    func underlines() {
        #expect(sections("Title\n=====\ntext").title == "Title")
        #expect(sections("a\n\nB\nc d\n---\ntext").sections == [" | a", "B c d | text"])
        #expect(sections("a\n\n---\ntext\n\n- - -\n***\nx").sections == [" | a⏎text⏎x"])
        #expect(sections("- item\n---\ntext").sections == [" | - item⏎text"])
        #expect(sections("1. item\nlazy\n---\ntext").sections == [" | 1. item⏎lazy⏎text"])
        #expect(sections("> said\n---\ntext").sections == [" | > said⏎text"])
        #expect(sections("| a |\n|---|\n| b |\n---").sections == [" | | a |⏎|---|⏎| b |"])
        #expect(sections("    code\n---\ntext").sections == [" |     code⏎text"])
    }

    @Test("what stands in fenced code is no heading, whatever the fence; an open one goes on to the end")
    func fences() {
        for (open, close) in [("```sh", "```"), ("~~~", "~~~~"), ("  ````", "````")] {
            let found = sections("a\n\(open)\n# no\n``\n\(close)\n## Yes\nb").sections
            #expect(found == [" | a⏎\(open)⏎# no⏎``⏎\(close)", "Yes | b"])
        }
        #expect(sections("```\n~~~\n# no\n```x\n# no").sections.count == 1)
        #expect(sections("```a`b\n# Yes").title == "Yes")
    }

    @Test("front matter is no text, and its title counts before a heading's")
    func frontMatter() {
        for (line, title) in [
            ("title: A b # c", "A b"), ("title: 'It''s \"so\"'", "It's \"so\""),
            (#"title: "A \"b\" \\ c" # d"#, #"A "b" \ c"#),
            ("title: A: b#c", "A: b#c"), ("title: C\u{E9}", "Cé"),
        ] {
            let found = sections("---\nlayout: x\n\(line)\n  title: deeper\n---\ntext\n# H\nmore")
            #expect(found.title == title)
            #expect(found.sections == [" | text", "H | more"])
        }
        for line in ["title:", "title: |", "title: [a]", "title: \"open", "other: x", "#title: x"] {
            #expect(sections("---\n\(line)\n...\ntext").title == nil)
            #expect(sections("---\n\(line)\n...\ntext").sections == [" | text"])
        }
        let same = sections("---\ntitle: A\n---\n# A\ntext\n# B\nmore")
        #expect(same.title == "A" && same.sections.suffix(2) == [" | text", "B | more"])
    }

    @Test("a rule at the start, and what nothing ends, are text")
    func noFrontMatter() {
        #expect(sections("---\nHello there.\n\n---\nmore").sections == [" | Hello there.⏎more"])
        #expect(sections("---\ntitle: x\nmore").sections == [" | title: x⏎more"])
        #expect(sections("\n---\ntitle: x\n---").title == nil)
    }

    @Test("any lines are read, and no character of a text is lost but headings, rules and underlines")
    func property() {
        let lines = ["# a", "b", "---", "===", "```", "~~~", "> c", "- d", "    e", "", "##", "title: f", "\t", "#"]
        var seed: UInt64 = 7
        for _ in 0..<2000 {
            var text: [String] = []
            for _ in 0..<12 {
                seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text.append(lines[Int(seed >> 33) % lines.count])
            }
            let markdown = MarkdownText(text)
            let kept = markdown.sections.flatMap(\.lines) + markdown.sections.flatMap(\.headings)
            for line in ["> c", "- d"] where FrontMatter(text) == nil {
                #expect(kept.filter { $0 == line }.count == text.filter { $0 == line }.count, "\(text)")
            }
        }
    }
}
