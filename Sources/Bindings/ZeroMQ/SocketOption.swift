import CZeroMQ

/// Options to set on a socket before it is bound or connected. Times are in milliseconds.
public enum SocketOption: Sendable {
    /// How long unsent messages are kept after the socket is closed.
    case linger(Int32)
    /// Send queue length (high-water mark), per connection.
    case sendHighWater(Int32)
    /// Receive queue length (high-water mark), per connection.
    case receiveHighWater(Int32)
    /// A larger frame closes the connection that sent it.
    case maxMessageBytes(Int)
    /// A ROUTER reports an unknown routing id instead of dropping the message.
    case routerMandatory
    /// Four bytes by which a ROUTER is to know the connection, the first of them not 0; without it the ROUTER chooses.
    case routingID(Int32)
    /// Messages queue only for established connections.
    case immediate
    case reconnectInterval(Int32)
    case reconnectIntervalMax(Int32)
    /// Heartbeat interval on an idle connection.
    case heartbeatInterval(Int32)
    /// Heartbeat timeout, after which the connection is closed.
    case heartbeatTimeout(Int32)
    /// Handshake timeout.
    case handshakeInterval(Int32)
    case tcpKeepAlive
    case ipv6
    /// The listen backlog.
    case backlog(Int32)

    /// The C name and the value, which is an `Int64` for `maxMessageBytes` and an `int` otherwise.
    var raw: (name: Int32, value: Int64, isWide: Bool) {
        switch self {
        case .linger(let value): (ZMQ_LINGER, Int64(value), false)
        case .sendHighWater(let value): (ZMQ_SNDHWM, Int64(value), false)
        case .receiveHighWater(let value): (ZMQ_RCVHWM, Int64(value), false)
        case .maxMessageBytes(let value): (ZMQ_MAXMSGSIZE, Int64(value), true)
        case .routerMandatory: (ZMQ_ROUTER_MANDATORY, 1, false)
        case .routingID(let value): (ZMQ_ROUTING_ID, Int64(value), false)
        case .immediate: (ZMQ_IMMEDIATE, 1, false)
        case .reconnectInterval(let value): (ZMQ_RECONNECT_IVL, Int64(value), false)
        case .reconnectIntervalMax(let value): (ZMQ_RECONNECT_IVL_MAX, Int64(value), false)
        case .heartbeatInterval(let value): (ZMQ_HEARTBEAT_IVL, Int64(value), false)
        case .heartbeatTimeout(let value): (ZMQ_HEARTBEAT_TIMEOUT, Int64(value), false)
        case .handshakeInterval(let value): (ZMQ_HANDSHAKE_IVL, Int64(value), false)
        case .tcpKeepAlive: (ZMQ_TCP_KEEPALIVE, 1, false)
        case .ipv6: (ZMQ_IPV6, 1, false)
        case .backlog(let value): (ZMQ_BACKLOG, Int64(value), false)
        }
    }
}
