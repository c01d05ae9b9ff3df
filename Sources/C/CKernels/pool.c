#define _GNU_SOURCE

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "pool.h"

/*
 * A job comes about every ten microseconds, and a lock that is taken on both sides would cost more than it protects:
 * threads that see a job begin run into its owner's unlock, and sleep. So a job is one word: threads that spin join it,
 * and leave it, by changing that word. Locks and conditions are only for those that sleep.
 */
struct imprag_pool {
    int threads;
    int started;
    int spins; /* on a job or its end, before sleeping */
    pthread_t *handles;
    pthread_mutex_t running; /* held by the one caller whose job the threads share */
    pthread_mutex_t lock;    /* of those that sleep and those that wake them */
    pthread_cond_t wake, done;
    atomic_bool stopping;
    atomic_int sleepers;        /* threads that sleep until there is a job */
    atomic_bool caller_sleeps;  /* until all threads have left the job */
    atomic_uint_fast64_t rested; /* the job behind which nobody spins: no other is near */
    atomic_uint_fast64_t gate;  /* of the latest job: how many threads are in it, whether it is open, its number */
    /* The job itself: written before the gate opens. */
    void (*work)(void *, size_t);
    void *context;
    size_t count;
    atomic_size_t next; /* the next piece to take */
};

/* Parts of the gate. */
static const uint64_t one_thread = 1, all_threads = 0xFFFF, is_open = 1 << 16, one_job = 1ull << 32;

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

/* Joins the job that is open, unless it is job `seen`. Sets `seen` to the latest job. */
static bool join(struct imprag_pool *pool, uint64_t *seen) {
    uint64_t gate = atomic_load_explicit(&pool->gate, memory_order_acquire);
    while ((gate & is_open) != 0 && gate / one_job != *seen)
        if (atomic_compare_exchange_weak(&pool->gate, &gate, gate + one_thread)) {
            *seen = gate / one_job;
            return true;
        }
    *seen = gate / one_job;
    return false;
}

/* Joins the next job. False when the pool ends. */
static bool wait_for_job(struct imprag_pool *pool, uint64_t *seen) {
    for (;;) {
        for (int i = 0; i < pool->spins; i++) {
            if (join(pool, seen)) return true;
            if (atomic_load_explicit(&pool->rested, memory_order_relaxed) == *seen) break;
            pause_briefly();
        }
        pthread_mutex_lock(&pool->lock);
        /* Before looking once more: who opens a job looks for sleepers afterwards. */
        atomic_fetch_add(&pool->sleepers, 1);
        while (!atomic_load(&pool->stopping) && atomic_load(&pool->gate) / one_job == *seen)
            pthread_cond_wait(&pool->wake, &pool->lock);
        atomic_fetch_sub(&pool->sleepers, 1);
        pthread_mutex_unlock(&pool->lock);
        if (atomic_load(&pool->stopping)) return false;
        if (join(pool, seen)) return true;
        /* That one is over: waking took longer. Where it came from more will come, so do not sleep at once. */
    }
}

/* The last one to leave a closed job wakes its caller, if it sleeps. */
static void leave(struct imprag_pool *pool) {
    uint64_t gate = atomic_fetch_sub(&pool->gate, one_thread) - one_thread;
    if ((gate & (all_threads | is_open)) != 0 || !atomic_load(&pool->caller_sleeps)) return;
    pthread_mutex_lock(&pool->lock);
    pthread_cond_signal(&pool->done);
    pthread_mutex_unlock(&pool->lock);
}

static void *serve(void *raw) {
    struct imprag_pool *pool = raw;
    uint64_t seen = 0;
    inside = true;
    while (wait_for_job(pool, &seen)) {
        take_pieces(pool);
        leave(pool);
    }
    return NULL;
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
    atomic_store(&pool->stopping, true);
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

int imprag_pool_sleepers(struct imprag_pool *pool) {
    /* Whoever counts itself holds the lock until it sleeps. */
    pthread_mutex_lock(&pool->lock);
    int sleepers = atomic_load(&pool->sleepers);
    pthread_mutex_unlock(&pool->lock);
    return sleepers;
}

void imprag_pool_run(struct imprag_pool *pool, size_t count, void (*work)(void *, size_t), void *context) {
    if (count <= 1 || pool->started == 0 || inside || pthread_mutex_trylock(&pool->running) != 0) {
        for (size_t index = 0; index < count; index++) work(context, index);
        return;
    }
    inside = true;
    pool->work = work;
    pool->context = context;
    pool->count = count;
    atomic_store_explicit(&pool->next, 0, memory_order_relaxed);
    /* Nobody is in the last job any more, and it is closed: the gate is its number alone. */
    atomic_store(&pool->gate, atomic_load_explicit(&pool->gate, memory_order_relaxed) + one_job + is_open);
    if (atomic_load(&pool->sleepers) > 0) {
        pthread_mutex_lock(&pool->lock);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->lock);
    }
    take_pieces(pool);
    /* All pieces are taken. Wait only for threads that hold one: one that has not woken yet finds the job closed. */
    uint64_t gate = atomic_fetch_and(&pool->gate, ~is_open) & ~is_open;
    for (int i = 0; i < pool->spins && (gate & all_threads) != 0; i++) {
        pause_briefly();
        gate = atomic_load_explicit(&pool->gate, memory_order_acquire);
    }
    if ((gate & all_threads) != 0) {
        pthread_mutex_lock(&pool->lock);
        atomic_store(&pool->caller_sleeps, true);
        while ((atomic_load(&pool->gate) & all_threads) != 0) pthread_cond_wait(&pool->done, &pool->lock);
        atomic_store(&pool->caller_sleeps, false);
        pthread_mutex_unlock(&pool->lock);
    }
    inside = false;
    pthread_mutex_unlock(&pool->running);
}

void imprag_pool_rest(struct imprag_pool *pool) {
    atomic_store_explicit(&pool->rested, atomic_load(&pool->gate) / one_job, memory_order_relaxed);
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
