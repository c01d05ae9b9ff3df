#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A first pass over vectors that are all compared with a query: it reads one byte a number instead of two, and says of
 * every vector what its inner product with the query is at most. Only those that may be among the best are scored
 * exactly, so nothing is missed and no score is an estimate.
 *
 * A vector is centre + scale * code + rest, a query unit * words + remainder. So their inner product is
 *
 *     query . centre + scale * unit * (words . code)
 *
 * but for remainder . (scale * code) and query . rest, which Cauchy and Schwarz bound by the norms, and for rounding,
 * which the norms bound as well.
 */
enum { imprag_flat_lanes = 16, imprag_flat_queries = 4, imprag_flat_scored = 4 };

/*
 * Codes of `count` vectors in panels of 16: number p of pair i of vector v of a panel stands at (i * 16 + v) * 2 + p, and
 * an odd last pair ends with a zero.
 */
struct imprag_flat_block {
    size_t count, depth;
    bool is_run; /* each row is one more than the last */
    const uint16_t *vectors; /* [count * depth], bf16 */
    const uint32_t *rows;    /* [count] */
    const float *centre;     /* [depth] */
    int8_t *codes;           /* [count rounded up to 16] * pairs * 2 */
    float *scales;           /* [count rounded up to 16] */
    float *slacks;           /* the same: how far off the inner product with a query of norm 1 may be; infinite for a
                                vector with numbers beyond `limit` */
    float reach;             /* the largest norm of scale * code */
};

/* Bytes of a block's codes, scales and slacks. */
size_t imprag_flat_bytes(size_t count, size_t depth);

/* Fills codes, scales and slacks from the rest; every number of a coded vector is at most `limit`. */
void imprag_flat_code(struct imprag_flat_block *block, float limit);

/* A query as the pass reads it; `base` and the bound of its remainder are those of one block. */
struct imprag_flat_query {
    const int16_t *words; /* [pairs * 2] */
    float unit;
    float base;
    float norm;
    float least; /* a vector is near when it may reach this */
};

struct imprag_flat_kernels {
    const char *name;

    /*
     * For `panels` panels from `first` on and up to four queries: what each vector's inner product with each query is at
     * most, upper[query * stride + panel * 16 + lane], and in near[query * panels + panel] which lanes reach `least`.
     * All levels give the same bits.
     */
    void (*bound)(const struct imprag_flat_block *block, size_t first, size_t panels,
                  const struct imprag_flat_query *queries, size_t count, float *upper, size_t stride, uint16_t *near);
};

/* As imprag_kernels and imprag_kernels_named. */
const struct imprag_flat_kernels *imprag_flat_kernels(void);
const struct imprag_flat_kernels *imprag_flat_kernels_named(const char *name);

/* Which of a block's vectors may be found: bits[panel] from one bit a row. Returns how many may. */
size_t imprag_flat_allow(const struct imprag_flat_block *block, const uint64_t *words, size_t bit_count, uint16_t *bits);

/* A vector that may be among the best. */
struct imprag_flat_candidate {
    float upper;
    uint32_t row;
    const uint16_t *vector;
};

/* Some queries' way through blocks. */
struct imprag_flat_search;

/* NULL when memory runs out. */
struct imprag_flat_search *imprag_flat_search_create(void);
void imprag_flat_search_destroy(struct imprag_flat_search *search);

/* Starts anew with `count` queries of `depth` numbers, whose k best are wanted. False when memory runs out. */
bool imprag_flat_begin(struct imprag_flat_search *search, const float *queries, size_t count, size_t depth, size_t k);

/*
 * Looks at panels first...end - 1 of a block for all queries. allowed: one word a panel of the whole block. False when
 * memory runs out.
 */
bool imprag_flat_scan(const struct imprag_flat_kernels *kernels, struct imprag_flat_search *search,
                      const struct imprag_flat_block *block, size_t first, size_t end, const uint16_t *allowed);

/*
 * The candidates of one query, those that may have the best score first, equal ones by row: none of the others can be
 * among the k best.
 */
const struct imprag_flat_candidate *imprag_flat_candidates(struct imprag_flat_search *search, size_t query, size_t *count);

/* The exact scores of up to imprag_flat_scored candidates of a query, as multiply_bf16 computes them. */
void imprag_flat_score(const struct imprag_flat_search *search, size_t query,
                       const struct imprag_flat_candidate *candidates, size_t count, float *scores);
