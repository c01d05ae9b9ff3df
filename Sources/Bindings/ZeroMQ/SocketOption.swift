import CZeroMQ

/// What can be set on a socket before it is bound or connected. Times are in milliseconds.
public enum SocketOption: Sendable {
    /// How long unsent messages live after the socket is closed.
    case linger(Int32)
    /// Messages that wait to be sent, per connection.
    case sendHighWater(Int32)
    /// Messages that wait to be read, per connection.
    case receiveHighWater(Int32)
    /// Frames larger than this end the connection that sent them.
    case maxMessageBytes(Int)
    /// A ROUTER says when nobody has the routing id, instead of dropping the message.
    case routerMandatory
    /// A ROUTER gives a routing id to the newest connection that claims it.
    case routerHandover
    /// Messages wait only for connections that stand.
    case immediate
    case reconnectInterval(Int32)
    case reconnectIntervalMax(Int32)
    /// How often a silent connection is asked for a sign of life.
    case heartbeatInterval(Int32)
    /// How long that may take before the connection is ended.
    case heartbeatTimeout(Int32)
    /// How long a connection may take to introduce itself.
    case handshakeInterval(Int32)
    case tcpKeepAlive
    case ipv6
    /// Connections that wait to be accepted.
    case backlog(Int32)

    /// The C name and the value, which is an `Int64` for `maxMessageBytes` and an `int` otherwise.
    var raw: (name: Int32, value: Int64, isWide: Bool) {
        switch self {
        case .linger(let value): (ZMQ_LINGER, Int64(value), false)
        case .sendHighWater(let value): (ZMQ_SNDHWM, Int64(value), false)
        case .receiveHighWater(let value): (ZMQ_RCVHWM, Int64(value), false)
        case .maxMessageBytes(let value): (ZMQ_MAXMSGSIZE, Int64(value), true)
        case .routerMandatory: (ZMQ_ROUTER_MANDATORY, 1, false)
        case .routerHandover: (ZMQ_ROUTER_HANDOVER, 1, false)
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
