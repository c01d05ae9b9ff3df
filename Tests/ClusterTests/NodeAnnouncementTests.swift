import Cluster
import Testing

struct NodeAnnouncementTests {
    @Test(
        "an announcement survives being printed and read",
        arguments: [
            NodeAnnouncement.ready(node: "shard-0", endpoint: "ipc:///a path/with spaces"), .complete(node: "front"),
            .refused(node: "front", reason: "shard-0 runs another model"),
        ])
    func roundTrip(announcement: NodeAnnouncement) {
        #expect(NodeAnnouncement(line: announcement.description) == announcement)
    }

    @Test(
        "other lines are no announcements",
        arguments: ["", "ready", "ready shard-0", "complete", "complete a b", "hello"])
    func otherLines(line: String) {
        #expect(NodeAnnouncement(line: line) == nil)
    }
}
