import CZeroMQ

/// A set of sockets to wait for. Owned by the thread that owns the sockets.
@safe public struct Poller {
    private var items: [zmq_pollitem_t]

    public init() {
        unsafe items = []
    }

    /// Adds a socket to wait on for messages. Returns its index.
    public mutating func add(_ socket: Socket) -> Int {
        unsafe items.append(zmq_pollitem_t(socket: socket.raw, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0))
        return unsafe items.count - 1
    }

    public mutating func add(_ waker: Waker) -> Int { add(descriptor: waker.descriptor) }

    /// Adds a descriptor to wait on for input; it must stay open. Returns its index.
    public mutating func add(descriptor: Int32) -> Int {
        unsafe items.append(zmq_pollitem_t(socket: nil, fd: descriptor, events: Int16(ZMQ_POLLIN), revents: 0))
        return unsafe items.count - 1
    }

    /// Turns waiting for the socket at `index` to become writable on or off.
    public mutating func setWaitsForSending(_ waits: Bool, at index: Int) {
        unsafe items[index].events = Int16(waits ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN)
    }

    /// Waits until a socket is ready or `milliseconds` have passed; -1 waits forever. A signal ends the wait early.
    public mutating func wait(milliseconds: Int) throws(ZeroMQError) {
        let count = unsafe Int32(items.count)
        let result = unsafe items.withUnsafeMutableBufferPointer { buffer in
            unsafe zmq_poll(buffer.baseAddress, count, milliseconds)
        }
        if result >= 0 { return }
        let error = ZeroMQError("zmq_poll")
        guard error.code == EINTR else { throw error }
        for index in unsafe items.indices { unsafe items[index].revents = 0 }
    }

    public func isReadable(_ index: Int) -> Bool { unsafe items[index].revents & Int16(ZMQ_POLLIN) != 0 }

    public func isWritable(_ index: Int) -> Bool { unsafe items[index].revents & Int16(ZMQ_POLLOUT) != 0 }
}
