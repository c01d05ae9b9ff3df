import TestSupport
import ZeroMQ

/// A coordinator whose process is stopped: connections are made, and nothing is ever read.
final class HungCoordinator {
    let endpoint: String
    private let directory: TemporaryDirectory
    private let socket: Socket

    init() throws {
        directory = try TemporaryDirectory()
        endpoint = "ipc://" + directory.file("coordinator")
        socket = try Socket(.router, in: try Context())
        try socket.set(.linger(0))
        try socket.bind(endpoint)
    }
}
