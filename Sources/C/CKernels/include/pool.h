#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A fixed set of threads that share the pieces of one job at a time; the calling thread works too.
 *
 * A job that comes while another runs, or from inside one, runs on its caller's thread alone: nothing waits for a
 * thread, and nothing can deadlock. Which thread takes a piece never changes what the piece computes.
 */
struct imprag_pool;

/*
 * `threads` counts the caller; 1 or less starts none. An idle thread spins for `patience` microseconds before it
 * sleeps: waking a thread takes longer than the gap between two jobs. NULL when memory runs out.
 */
struct imprag_pool *imprag_pool_create(int threads, int patience);

/*
 * Pins each thread of the pool to a processor of its own among those that the process may use, except the first, which
 * is left to the callers. Returns how many were pinned: none where there are fewer processors than threads.
 */
int imprag_pool_pin(struct imprag_pool *pool);

void imprag_pool_destroy(struct imprag_pool *pool);
int imprag_pool_threads(const struct imprag_pool *pool);

/* How many threads sleep now. */
int imprag_pool_sleepers(struct imprag_pool *pool);

/* Calls work(context, i) for every i below `count`, and returns when all are done. */
void imprag_pool_run(struct imprag_pool *pool, size_t count, void (*work)(void *context, size_t index), void *context);

/* No other job is near: idle threads sleep at once instead of spinning until the next one. */
void imprag_pool_rest(struct imprag_pool *pool);

/* A monotonic clock, in nanoseconds. */
uint64_t imprag_nanoseconds(void);

/* Time spent in matrix products, and multiply-adds done there, summed over all threads of the process. */
void imprag_count_product(uint64_t nanoseconds, uint64_t multiplications);
void imprag_product_totals(uint64_t *nanoseconds, uint64_t *multiplications);
