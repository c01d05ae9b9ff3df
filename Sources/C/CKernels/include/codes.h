#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Scanning of short vector codes: each vector is `segments` times 64 bytes, or once 32, every byte two numbers of
 * 0...15 (nibbles), and a query is one whole-number weight a nibble. The estimate of an inner product is
 *
 *     base + scale * sum over segments s of (step[s] * sum over nibbles of weight * nibble - offset[s])
 *
 * All levels of instructions add the same whole numbers and round the same products in the same order, so estimates
 * have the same bits everywhere.
 */
enum { imprag_code_lanes = 16, imprag_segment_bytes = 64, imprag_short_segment_bytes = 32 };

/*
 * The codes of `count` vectors. F = segment_bytes is 64, or 32 where there is one segment. The first segment stands in
 * blocks of 16 vectors: byte b of vector v of a block at (b / 4) * 64 + v * 4 + b % 4, so that a vector register holds
 * four bytes of 16 vectors and sums need no shuffles. The other segments stand vector by vector, because few vectors get
 * that far.
 */
struct imprag_codes {
    size_t count, segments, segment_bytes;
    const uint8_t *first;   /* whole blocks: [count rounded up to 16] * F bytes */
    const uint8_t *rest;    /* [count * (segments - 1)] * 64 bytes */
    const uint16_t *scales; /* [count rounded up to 16], bf16 */
    const uint32_t *rows;   /* [count] */
};

struct imprag_code_query {
    const int8_t *low, *high; /* [segments * F]: weights of the lower and the upper nibble of each byte */
    const float *step;        /* [segments] */
    const float *offset;      /* [segments] */
};

struct imprag_code_kernels {
    const char *name;

    /*
     * Finds the vectors whose estimate is at least `least` and whose estimate from the first segment alone is at least
     * `first_least`: writes their places, estimates and first estimates, and returns how many there are. The three
     * arrays need room for `count`, and are scratch memory as well.
     *
     * allowed: NULL, or one bit a vector, in words of 16: only these may be found.
     * ahead: NULL, or the codes that will be scanned next, to prefetch.
     */
    size_t (*scan)(const struct imprag_codes *codes, const struct imprag_code_query *query, const uint16_t *allowed,
                   const struct imprag_codes *ahead, float base, float least, float first_least, uint32_t *places,
                   float *estimates, float *firsts);
};

/*
 * One query's way through lists. What it has found so far stands in rows, estimates and firsts; the k best estimates of
 * allowed rows stand in a heap, the least of them on top, and say what is still worth keeping.
 */
struct imprag_list_scan {
    const struct imprag_codes *chunks; /* of all lists, one list after the other */
    const uint32_t *starts;            /* list l has chunks starts[l]...starts[l + 1] - 1 */
    const struct imprag_code_query *query;
    const uint64_t *live; /* one bit a row: only these may be found */
    size_t live_bits;
    int live_are_few; /* look at live rows only, instead of asking for what was found */
    float floor;      /* a score below it cannot be among the best, whatever is found */
    float band;       /* how far an estimate may be below the k-th best and still be kept */
    float first_band; /* the same for an estimate from the first segment */
    float *heap;
    size_t k, heap_count;
    uint32_t *rows;
    float *estimates, *firsts;
    size_t found, room;
    uint32_t *places; /* room for the largest chunk, as for the next one */
    uint16_t *bits;
    size_t scanned;  /* vectors that were looked at */
    size_t selected; /* of those, the live ones; counted when live are few */
};

/*
 * Scans `count` lists in this order, bases[i] being part of every estimate of lists[i]. Returns how many are done:
 * fewer than `count` when `room` is too small for the next one.
 */
size_t imprag_scan_lists(const struct imprag_code_kernels *kernels, struct imprag_list_scan *scan, const uint32_t *lists,
                         const float *bases, size_t count);

/* Counts estimates that another scan of the same query found among the best. */
void imprag_scan_learn(struct imprag_list_scan *scan, const float *estimates, size_t count);

/* What is kept with all that is known now: entries of what was found move up. */
void imprag_scan_finish(struct imprag_list_scan *scan);

/*
 * The places of the `wanted` largest of `count` scores, largest first, equal ones by place. Needs room for `count`
 * keys.
 */
void imprag_select_largest(const float *scores, size_t count, size_t wanted, uint64_t *keys, uint32_t *order);

/* sums = scores + factor * added. */
void imprag_add_scaled(const float *scores, const float *added, float factor, size_t count, float *sums);

/*
 * What ranks are between: parts + spread * spreads, give or take rest * rests + slack * norms + rounding * |spreads|.
 * The arrays have `count` numbers each. Only `parts`, `spreads` and `spread` may be negative.
 */
struct imprag_rank_terms {
    const float *parts, *spreads, *rests, *norms;
    float spread, rest, slack, rounding;
};
void imprag_bound_ranks(const struct imprag_rank_terms *terms, size_t count, float *lower, float *upper);

/* The places of the scores that are not below `least`, ascending. Needs room for `count`; returns how many they are. */
size_t imprag_places_from(const float *scores, size_t count, float least, uint32_t *places);

/* As imprag_kernels and imprag_kernels_named. */
const struct imprag_code_kernels *imprag_code_kernels(void);
const struct imprag_code_kernels *imprag_code_kernels_named(const char *name);

/* bits[i / 16] bit i % 16: whether row rows[i] is set in `words`, which has `bit_count` bits. Returns how many are. */
size_t imprag_select_rows(const uint32_t *rows, size_t count, const uint64_t *words, size_t bit_count, uint16_t *bits);

/* The index of the largest values[i] - subtracted[i], the lowest of equal ones; 0 without any. */
size_t imprag_largest_difference(const float *values, const float *subtracted, size_t count);
