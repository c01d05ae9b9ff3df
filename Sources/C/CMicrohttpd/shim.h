#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tls.h"

/* `MHD_start_daemon` and `MHD_get_connection_info` take variable arguments, which Swift cannot pass. */

/* Percent escapes stay as they are: a decoded %00 would end the path. */
static size_t imprag_http_keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

/* What `imprag_http_start` and its callback of connections share. */
struct imprag_http_server {
    /* Told of each connection's begin, 1, and end, 0, on the server's thread. */
    void (*connected)(void *context, int descriptor, int begins);
    void *context;
    /* NULL without TLS. */
    struct imprag_http_identity *identity;
    /* Whether the server has a thread; else somebody calls `imprag_http_work`. */
    int has_thread;
};

static void imprag_http_connected(
    void *server, struct MHD_Connection *connection, void **socket, enum MHD_ConnectionNotificationCode code)
{
    (void)socket;
    struct imprag_http_server *known = server;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *imprag_http_identity_of_thread() = known->identity;
    if (info) known->connected(known->context, info->connect_fd, code == MHD_CONNECTION_NOTIFY_STARTED);
}

/* Starts a server on a socket that listens; `server`, which must outlive it, has the context of all callbacks. */
static inline struct MHD_Daemon *imprag_http_start(
    int listening, unsigned connections, size_t connection_bytes, unsigned idle_seconds,
    MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed, struct imprag_http_server *server)
{
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_PRIORITIES, 0, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE"},
        {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)&imprag_http_retrieve},
        {MHD_OPTION_END, 0, NULL},
    };
    return MHD_start_daemon(
        (server->has_thread ? MHD_USE_EPOLL_INTERNAL_THREAD : MHD_USE_EPOLL) | MHD_ALLOW_SUSPEND_RESUME
            | (server->identity ? MHD_USE_TLS : 0),
        0, NULL, NULL, handler, server->context, MHD_OPTION_LISTEN_SOCKET, listening, MHD_OPTION_CONNECTION_LIMIT, connections,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_bytes, MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
        MHD_OPTION_NOTIFY_COMPLETED, completed, server->context, MHD_OPTION_NOTIFY_CONNECTION, &imprag_http_connected,
        server, MHD_OPTION_UNESCAPE_CALLBACK, &imprag_http_keep_escapes, NULL, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_ARRAY, server->identity ? tls : &tls[2], MHD_OPTION_END);
}

/* A descriptor, which the caller closes, that is readable when a server without a thread has work; negative without one. */
static inline int imprag_http_events(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info ? fcntl(info->epoll_fd, F_DUPFD_CLOEXEC, 0) : -1;
}

static inline unsigned imprag_http_connections(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info ? info->num_connections : 0;
}

/* Does the work there is. Returns after how many milliseconds there is some again without an event; negative: never. */
static inline int imprag_http_work(struct MHD_Daemon *daemon)
{
    unsigned connections = imprag_http_connections(daemon);
    MHD_run(daemon);
    /* Whether others may be let in, where there were as many as may be, is looked at when it begins to work. */
    if (imprag_http_connections(daemon) < connections) return 0;
    MHD_UNSIGNED_LONG_LONG milliseconds;
    if (MHD_get_timeout(daemon, &milliseconds) != MHD_YES) return -1;
    return milliseconds < 60000 ? (int)milliseconds : 60000;
}

static inline int imprag_http_descriptor(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/*
 * Whether a request line has more bytes between its path and its version than path and query show: the library takes a zero byte for the
 * end of either. All lie in the one line, as it came. `query` and `query_end` are where the first name begins and the last value ends; NULL
 * without a query. Two bytes more are a space and the "?" of an empty query, or the "&" after the last value; a zero byte there hides nothing.
 */
static inline int imprag_http_is_cut(const char *path, const char *version, const char *query, const char *query_end)
{
    if (!path || !version || version < path) return 0;
    const char *end = path + strlen(path);
    if (query && query != end + 1) return 1;
    return version - (query_end ? query_end : end) > 2;
}

/* What a reader of a stream returns besides a number of bytes; the macros are casts, which Swift does not import. */
static const ssize_t imprag_http_end_of_stream = MHD_CONTENT_READER_END_OF_STREAM;
static const ssize_t imprag_http_end_with_error = MHD_CONTENT_READER_END_WITH_ERROR;
static const uint64_t imprag_http_size_unknown = MHD_SIZE_UNKNOWN;

/* A socket that listens at `host` and `port`, both as text: a descriptor or a negative errno. `bound` gets the port. */
static inline int imprag_http_listen(const char *host, const char *port, int *bound)
{
    struct addrinfo hints;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    struct addrinfo *found = NULL;
    if (getaddrinfo(host, port, &hints, &found) != 0 || !found) return -EADDRNOTAVAIL;
    int failure = 0;
    int descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1;
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    if (descriptor < 0 || setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
        || bind(descriptor, found->ai_addr, found->ai_addrlen) != 0 || listen(descriptor, 512) != 0
        || getsockname(descriptor, (struct sockaddr *)&address, &length) != 0) {
        failure = -errno;
    } else {
        *bound = ntohs(
            address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                          : ((struct sockaddr_in *)&address)->sin_port);
    }
    freeaddrinfo(found);
    if (failure != 0 && descriptor >= 0) close(descriptor);
    return failure != 0 ? failure : descriptor;
}

/* A set of descriptors whose other ends are awaited to close; `wake` in it ends a wait. */
static inline int imprag_http_watch_begin(int *wake)
{
    int set = epoll_create1(EPOLL_CLOEXEC);
    if (set < 0) return -errno;
    *wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 0};
    if (*wake < 0 || epoll_ctl(set, EPOLL_CTL_ADD, *wake, &event) != 0) {
        int failure = -errno;
        if (*wake >= 0) close(*wake);
        close(set);
        return failure;
    }
    return set;
}

/* Reports `number`, not 0, once when the other end of `descriptor` closes. */
static inline int imprag_http_watch(int set, int descriptor, uint64_t number)
{
    struct epoll_event event = {.events = EPOLLRDHUP | EPOLLONESHOT, .data.u64 = number};
    if (epoll_ctl(set, EPOLL_CTL_MOD, descriptor, &event) == 0) return 0;
    return errno == ENOENT ? epoll_ctl(set, EPOLL_CTL_ADD, descriptor, &event) : -1;
}

static inline void imprag_http_watch_wake(int wake)
{
    uint64_t one = 1;
    ssize_t written = write(wake, &one, sizeof one);
    (void)written;
}

/* Waits, for at most `milliseconds`; the numbers reported, at most `limit`, or a negative errno. 0 stands for `wake`. */
static inline int imprag_http_watch_wait(int set, uint64_t *numbers, int limit, int milliseconds)
{
    struct epoll_event events[64];
    int count = epoll_wait(set, events, limit < 64 ? limit : 64, milliseconds);
    if (count < 0) return errno == EINTR ? 0 : -errno;
    for (int index = 0; index < count; index++) numbers[index] = events[index].data.u64;
    return count;
}
