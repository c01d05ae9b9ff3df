#define _GNU_SOURCE

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "pool.h"

struct imprag_pool {
    int threads;
    int started;
    int spins; /* on a job or its end, before sleeping */
    pthread_t *handles;
    pthread_mutex_t running; /* held by the one caller whose job the threads share */
    pthread_mutex_t lock;    /* guards `stopping`, `open`, `active` and the job itself */
    pthread_cond_t wake, done;
    bool stopping;
    bool open;              /* threads may still join the job */
    atomic_int active;      /* threads that have joined it and not finished */
    atomic_uint generation; /* counts jobs */
    void (*work)(void *, size_t);
    void *context;
    size_t count;
    atomic_size_t next; /* the next piece to take */
};

/* True on a thread that is inside a job: jobs do not nest. */
static _Thread_local bool inside;

/* One spin is a pause instruction and a load: about 50 take a microsecond. */
enum { spins_per_microsecond = 50 };

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void take_pieces(struct imprag_pool *pool) {
    for (;;) {
        size_t index = atomic_fetch_add_explicit(&pool->next, 1, memory_order_relaxed);
        if (index >= pool->count) return;
        pool->work(pool->context, index);
    }
}

static void *serve(void *raw) {
    struct imprag_pool *pool = raw;
    unsigned seen = 0;
    inside = true;
    for (;;) {
        for (int i = 0; i < pool->spins && atomic_load_explicit(&pool->generation, memory_order_acquire) == seen; i++)
            pause_briefly();
        pthread_mutex_lock(&pool->lock);
        while (!pool->stopping && !(pool->open && atomic_load(&pool->generation) != seen))
            pthread_cond_wait(&pool->wake, &pool->lock);
        if (pool->stopping) {
            pthread_mutex_unlock(&pool->lock);
            return NULL;
        }
        seen = atomic_load(&pool->generation);
        atomic_fetch_add(&pool->active, 1);
        pthread_mutex_unlock(&pool->lock);
        take_pieces(pool);
        pthread_mutex_lock(&pool->lock);
        if (atomic_fetch_sub(&pool->active, 1) == 1) pthread_cond_signal(&pool->done);
        pthread_mutex_unlock(&pool->lock);
    }
}

struct imprag_pool *imprag_pool_create(int threads, int patience) {
    struct imprag_pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL) return NULL;
    pool->spins = patience * spins_per_microsecond;
    pthread_mutex_init(&pool->running, NULL);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    pthread_cond_init(&pool->done, NULL);
    int wanted = threads > 1 ? threads - 1 : 0;
    pool->handles = calloc((size_t)wanted + 1, sizeof *pool->handles);
    if (pool->handles == NULL) {
        free(pool);
        return NULL;
    }
    while (pool->started < wanted && pthread_create(&pool->handles[pool->started], NULL, serve, pool) == 0)
        pool->started++;
    pool->threads = pool->started + 1;
    return pool;
}

void imprag_pool_destroy(struct imprag_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->started; i++) pthread_join(pool->handles[i], NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    pthread_mutex_destroy(&pool->running);
    free(pool->handles);
    free(pool);
}

int imprag_pool_pin(struct imprag_pool *pool) {
    int pinned = 0;
#if defined(__linux__)
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0 || CPU_COUNT(&allowed) < pool->threads) return 0;
    int next = -1;
    for (int cpu = 0; cpu < CPU_SETSIZE && next < pool->started; cpu++) {
        if (!CPU_ISSET(cpu, &allowed)) continue;
        if (next >= 0) {
            cpu_set_t own;
            CPU_ZERO(&own);
            CPU_SET(cpu, &own);
            if (pthread_setaffinity_np(pool->handles[next], sizeof own, &own) == 0) pinned++;
        }
        next++;
    }
#endif
    return pinned;
}

int imprag_pool_threads(const struct imprag_pool *pool) { return pool->threads; }

void imprag_pool_run(struct imprag_pool *pool, size_t count, void (*work)(void *, size_t), void *context) {
    if (count <= 1 || pool->started == 0 || inside || pthread_mutex_trylock(&pool->running) != 0) {
        for (size_t index = 0; index < count; index++) work(context, index);
        return;
    }
    inside = true;
    pthread_mutex_lock(&pool->lock);
    pool->work = work;
    pool->context = context;
    pool->count = count;
    atomic_store(&pool->next, 0);
    pool->open = true;
    atomic_fetch_add(&pool->generation, 1);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    take_pieces(pool);
    /* All pieces are taken. Wait only for threads that hold one: one that has not woken yet finds the job closed. */
    pthread_mutex_lock(&pool->lock);
    pool->open = false;
    pthread_mutex_unlock(&pool->lock);
    for (int i = 0; i < pool->spins && atomic_load_explicit(&pool->active, memory_order_acquire) != 0; i++)
        pause_briefly();
    pthread_mutex_lock(&pool->lock);
    while (atomic_load(&pool->active) != 0) pthread_cond_wait(&pool->done, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
    inside = false;
    pthread_mutex_unlock(&pool->running);
}

uint64_t imprag_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static atomic_uint_fast64_t product_nanoseconds, product_multiplications;

void imprag_count_product(uint64_t nanoseconds, uint64_t multiplications) {
    atomic_fetch_add_explicit(&product_nanoseconds, nanoseconds, memory_order_relaxed);
    atomic_fetch_add_explicit(&product_multiplications, multiplications, memory_order_relaxed);
}

void imprag_product_totals(uint64_t *nanoseconds, uint64_t *multiplications) {
    *nanoseconds = atomic_load_explicit(&product_nanoseconds, memory_order_relaxed);
    *multiplications = atomic_load_explicit(&product_multiplications, memory_order_relaxed);
}
