#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

/* Every libzmq since 4.3 knows this option; its header names it for builds with draft interfaces only. */
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

/* A counter that a poll can wait for: -1 and errno when the system has no more descriptors. */
static inline int imprag_eventfd_create(void)
{
    return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

static inline void imprag_eventfd_signal(int descriptor)
{
    uint64_t one = 1;
    /* EAGAIN means that the counter is full, so the poll wakes anyway. */
    while (write(descriptor, &one, sizeof one) < 0 && errno == EINTR) continue;
}

static inline void imprag_eventfd_clear(int descriptor)
{
    uint64_t count;
    while (read(descriptor, &count, sizeof count) < 0 && errno == EINTR) continue;
}
