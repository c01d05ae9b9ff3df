#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* libzmq 4.3.4 accepts connections until no descriptor is left, and then ends the process on an assertion; other libraries
 * do not fare better without descriptors. The program's own `accept4` comes before the C library's, so every connection
 * passes here: one whose descriptor is among the last ones is closed again. The caller sees a connection that went away
 * before it was accepted, which all servers have to bear.
 *
 * Where the process itself, with files of its own, has used up all of them, one that was kept back takes the connection, so
 * that it can be closed: left waiting, it would keep the listener busy. */

static const rlim_t most_spare = 256;
static const time_t seconds_between_warnings = 10;

static _Atomic time_t last_warning;

static rlim_t spare(rlim_t limit)
{
    return limit / 4 < most_spare ? limit / 4 : most_spare;
}

static void warn(rlim_t limit)
{
    time_t now = time(NULL), last = atomic_load(&last_warning);
    if (now - last < seconds_between_warnings || !atomic_compare_exchange_strong(&last_warning, &last, now)) return;
    dprintf(STDERR_FILENO,
        "imprag: a connection is refused: of %lu open files that this process may have, the last %lu are kept for its own work; "
        "raise the limit (ulimit -n) or connect less often\n",
        (unsigned long)limit, (unsigned long)spare(limit));
}

static pthread_mutex_t reserve_lock = PTHREAD_MUTEX_INITIALIZER;
static int reserve = -1;

static void keep_reserve(void)
{
    pthread_mutex_lock(&reserve_lock);
    if (reserve < 0) reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
    pthread_mutex_unlock(&reserve_lock);
}

static void refuse_with_reserve(int listener)
{
    pthread_mutex_lock(&reserve_lock);
    if (reserve >= 0) {
        close(reserve);
        int descriptor = (int)syscall(SYS_accept4, listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (descriptor >= 0) close(descriptor);
        reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
    } else {
        /* It waits on, and the caller tries again at once. */
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    pthread_mutex_unlock(&reserve_lock);
}

int accept4(int listener, struct sockaddr *restrict address, socklen_t *restrict length, int flags)
{
    int descriptor = (int)syscall(SYS_accept4, listener, address, length, flags);
    struct rlimit limit;
    if (descriptor < 0) {
        if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) return descriptor;
        refuse_with_reserve(listener);
        if (getrlimit(RLIMIT_NOFILE, &limit) == 0) warn(limit.rlim_cur);
        errno = ECONNABORTED;
        return -1;
    }
    keep_reserve();
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return descriptor;
    /* The system gives the lowest free number, so this many are in use. */
    if ((rlim_t)descriptor < limit.rlim_cur - spare(limit.rlim_cur)) return descriptor;
    close(descriptor);
    warn(limit.rlim_cur);
    errno = ECONNABORTED;
    return -1;
}
