import Foundation
import TestSupport
import Testing

/// The files that use metrics; that the document lists all there are is among the house rules.
struct MetricNameTests {
    private static let root = SharedData.packageRoot
    private static let document = root + "/docs/observability.md"

    private static func read(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private static func names(_ pattern: Regex<(Substring, Substring)>, in text: String) -> Set<String> {
        Set(text.matches(of: pattern).map { String($0.output.1) })
    }

    /// What the tables of the document list.
    private static func documented() throws -> Set<String> {
        names(/\n\| `(imprag_[a-z0-9_]+)[`{]/, in: try read(document))
    }

    @Test(
        "dashboard and alerts use metrics that exist",
        arguments: [
            "Cluster/grafana/imprag.json", "Cluster/prometheus/alerts.yml",
        ])
    func used(file: String) throws {
        let documented = try Self.documented()
        let names = Self.names(/\b(imprag_[a-z0-9_]+)/, in: try Self.read(Self.root + "/" + file))
        #expect(names.count > 5)
        for name in names {
            let family = ["_bucket", "_sum", "_count"].first(where: name.hasSuffix).map {
                String(name.dropLast($0.count))
            }
            #expect(documented.contains(name) || family.map(documented.contains) == true, "\(name)")
        }
    }

    @Test("the dashboard is JSON, and each of its panels asks something")
    func dashboard() throws {
        let data = Data(try Self.read(Self.root + "/Cluster/grafana/imprag.json").utf8)
        let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]]).filter { $0["type"] as? String != "row" }
        #expect(panels.count >= 9)
        for panel in panels {
            let targets = panel["targets"] as? [[String: Any]] ?? []
            #expect(!targets.isEmpty && targets.allSatisfy { ($0["expr"] as? String)?.isEmpty == false })
        }
        #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
    }

    @Test(
        "promtool finds nothing wrong with the rules",
        .enabled(if: promtool != nil, "promtool is not installed: Debian's package prometheus has it"))
    func rules() throws {
        let outcome = try RunningProcess(
            try #require(promtool), ["check", "rules", Self.root + "/Cluster/prometheus/alerts.yml"]
        )
        .wait(seconds: 30)
        #expect(outcome.status == 0, "\(outcome.output) \(outcome.errors)")
        let tested = try RunningProcess(
            try #require(promtool), ["test", "rules", Self.root + "/Cluster/prometheus/alerts_test.yml"]
        ).wait(seconds: 60)
        #expect(tested.status == 0, "\(tested.output) \(tested.errors)")
    }
}

private let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first(where: FileManager.default.fileExists)
