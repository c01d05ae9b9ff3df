import Testing

@testable import Cluster

struct ClusterLifecycleTests {
    private typealias Action = ClusterLifecycle.Action

    /// A cluster of three that has just been started.
    private func started() -> ClusterLifecycle {
        var cluster = ClusterLifecycle(nodes: ["front", "shard", "writer"], coordinator: "front")
        #expect(cluster.begin() == [.start("front"), .start("shard"), .start("writer")])
        return cluster
    }

    /// One that serves.
    private func ready() -> ClusterLifecycle {
        var cluster = started()
        for name in ["front", "shard", "writer"] {
            #expect(cluster.announced(.ready(node: name, endpoint: "ipc:///x"), by: name, at: .seconds(1)) == [])
        }
        #expect(cluster.announced(.complete(node: "front"), by: "front", at: .seconds(1)) == [.announceReady])
        return cluster
    }

    @Test("all nodes start at once, and the cluster is ready once, when all are and the coordinator has reached them")
    func readiness() {
        var cluster = started()
        #expect(cluster.announced(.ready(node: "front", endpoint: "a"), by: "front", at: .seconds(1)) == [])
        #expect(cluster.announced(.complete(node: "front"), by: "front", at: .seconds(1)) == [])
        #expect(cluster.announced(.ready(node: "shard", endpoint: "b"), by: "shard", at: .seconds(1)) == [])
        #expect(
            cluster.announced(.ready(node: "writer", endpoint: "c"), by: "writer", at: .seconds(1)) == [.announceReady])
        #expect(cluster.announced(.ready(node: "writer", endpoint: "c"), by: "writer", at: .seconds(1)) == [])
    }

    @Test("a node that ends while starting stops the others, and the failure says which and why")
    func deathAtStart() {
        var cluster = started()
        #expect(
            cluster.exited("shard", why: "exit code 1: no index", at: .seconds(1)) == [
                .interrupt("front"), .interrupt("writer"),
            ])
        #expect(cluster.exited("front", why: "exit code 0", at: .seconds(1)) == [])
        #expect(
            cluster.exited("writer", why: "exit code 0", at: .seconds(1)) == [
                .finish(failure: "shard ended while it started: exit code 1: no index")
            ])
    }

    @Test("a node of another model stops a cluster that starts, with the reason; later it is only said")
    func otherModel() {
        var cluster = started()
        let refused = NodeAnnouncement.refused(node: "front", reason: "shard runs another model")
        #expect(cluster.announced(refused, by: "front", at: .seconds(1)).count == 3)
        for name in ["front", "shard"] { _ = cluster.exited(name, why: "exit code 0", at: .seconds(1)) }
        #expect(
            cluster.exited("writer", why: "exit code 0", at: .seconds(1)) == [
                .finish(failure: "shard runs another model")
            ])
        var running = ready()
        #expect(running.announced(refused, by: "front", at: .seconds(9)) == [.say("shard runs another model")])
    }

    @Test("a stop that is asked for ends without a failure, and a process that lingers is killed after the grace")
    func stop() {
        var cluster = ready()
        #expect(
            cluster.stopRequested(at: .seconds(10)) == [
                .interrupt("front"), .interrupt("shard"), .interrupt("writer"),
            ])
        #expect(cluster.exited("front", why: "exit code 0", at: .seconds(10)) == [])
        #expect(cluster.exited("writer", why: "exit code 0", at: .seconds(10)) == [])
        #expect(cluster.tick(at: .seconds(10)) == [])
        #expect(cluster.nextTimer == .seconds(10) + ClusterLifecycle.stopGrace)
        #expect(cluster.tick(at: .seconds(10) + ClusterLifecycle.stopGrace) == [.kill("shard")])
        #expect(cluster.tick(at: .seconds(20)) == [])
        #expect(cluster.exited("shard", why: "signal 9", at: .seconds(20)) == [.finish(failure: nil)])
    }

    @Test("a second request to stop kills at once")
    func impatience() {
        var cluster = ready()
        _ = cluster.stopRequested(at: .seconds(10))
        #expect(cluster.stopRequested(at: .seconds(11)) == [.kill("front"), .kill("shard"), .kill("writer")])
    }

    @Test("a node that ends later is restarted with growing pauses, then everything stops")
    func restarts() {
        var cluster = ready()
        var now = Duration.seconds(100)
        for attempt in 0..<ClusterLifecycle.restartLimit {
            let actions = cluster.exited("shard", why: "signal 9 (SIGKILL)", at: now)
            #expect(
                actions == [.say("shard ended: signal 9 (SIGKILL); restarting it (\(attempt + 1) of 3)")])
            #expect(cluster.tick(at: now) == [])
            now += ClusterLifecycle.restartPause * (1 << attempt)
            #expect(cluster.nextTimer == now)
            #expect(cluster.tick(at: now) == [.start("shard")])
            #expect(cluster.nextTimer == nil)
            #expect(
                cluster.announced(.ready(node: "shard", endpoint: "b"), by: "shard", at: .seconds(1)) == [
                    .say("shard is ready again")
                ])
        }
        #expect(
            cluster.exited("shard", why: "exit code 1: disk", at: now) == [.interrupt("front"), .interrupt("writer")])
        _ = cluster.exited("front", why: "exit code 0", at: now)
        #expect(
            cluster.exited("writer", why: "exit code 0", at: now) == [
                .finish(failure: "shard ended again after 3 restarts: exit code 1: disk")
            ])
    }

    @Test("a node that has run well for a minute since its last crash has all of its restarts again")
    func steady() {
        var cluster = ready()
        var now = Duration.seconds(100)
        for attempt in 0..<20 {
            let actions = cluster.exited("shard", why: "signal 9 (SIGKILL)", at: now)
            let row = attempt % 2 + 1
            #expect(actions == [.say("shard ended: signal 9 (SIGKILL); restarting it (\(row) of 3)")])
            now += ClusterLifecycle.restartPause * row
            #expect(cluster.tick(at: now) == [.start("shard")])
            // One soon after another, then none for a while.
            now += row == 1 ? .seconds(1) : ClusterLifecycle.steadyTime
        }
    }

    @Test("a stop during a restart pause does not wait for the node that is not running")
    func stopWhileRestarting() {
        var cluster = ready()
        _ = cluster.exited("shard", why: "exit code 1", at: .seconds(5))
        #expect(cluster.stopRequested(at: .seconds(5)) == [.interrupt("front"), .interrupt("writer")])
        #expect(cluster.tick(at: .seconds(6)) == [])
        _ = cluster.exited("front", why: "exit code 0", at: .seconds(6))
        #expect(cluster.exited("writer", why: "exit code 0", at: .seconds(6)) == [.finish(failure: nil)])
    }

    @Test("a cluster that does not become ready in time is stopped, naming the nodes that are missing")
    func startLimit() {
        var cluster = started()
        _ = cluster.announced(.ready(node: "front", endpoint: "a"), by: "front", at: .seconds(1))
        #expect(cluster.tick(at: .seconds(599)) == [])
        #expect(cluster.tick(at: .seconds(600)).count == 3)
        for name in ["front", "shard"] { _ = cluster.exited(name, why: "exit code 0", at: .seconds(601)) }
        guard case .finish(let failure?)? = cluster.exited("writer", why: "exit code 0", at: .seconds(601)).last else {
            Issue.record("no failure")
            return
        }
        #expect(failure.contains("not ready: shard, writer"))
    }

    @Test("when the first node cannot even be started, the rest is stopped and the failure is its")
    func programMissing() {
        var cluster = started()
        #expect(
            cluster.couldNotStart("front", why: "no such file", at: .zero) == [
                .interrupt("shard"), .interrupt("writer"),
            ])
    }
}
