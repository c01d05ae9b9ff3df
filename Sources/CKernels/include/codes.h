#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Scanning of short vector codes: each vector is `segments` times 64 bytes, every byte two numbers of 0...15 (nibbles), and
 * a query is one whole-number weight a nibble. The estimate of an inner product is
 *
 *     base + scale * sum over segments s of (step[s] * sum over nibbles of weight * nibble - offset[s])
 *
 * All levels of instructions add the same whole numbers and round the same products in the same order, so estimates have the
 * same bits everywhere.
 */
enum { imprag_code_lanes = 16, imprag_segment_bytes = 64 };

/* The codes of `count` vectors. The first segment stands in blocks of 16 vectors: byte b of vector v of a block at
 * (b / 4) * 64 + v * 4 + b % 4, so that a vector register holds four bytes of 16 vectors and sums need no shuffles. The other
 * segments stand vector by vector, because few vectors get that far. */
struct imprag_codes {
    size_t count, segments;
    const uint8_t *first;   /* whole blocks: [count rounded up to 16] * 64 bytes */
    const uint8_t *rest;    /* [count * (segments - 1)] * 64 bytes */
    const uint16_t *scales; /* [count rounded up to 16], bf16 */
    const uint16_t *allowed; /* NULL, or one bit a vector, in words of 16: only these may be found */
    /* NULL, or `ahead_bytes` bytes that the next scan will read: they are fetched while this one computes. */
    const uint8_t *ahead;
    size_t ahead_bytes;
};

struct imprag_code_query {
    const int8_t *low, *high; /* [segments * 64]: weights of the lower and the upper nibble of each byte */
    const float *step;        /* [segments] */
    const float *offset;      /* [segments] */
};

struct imprag_code_kernels {
    const char *name;

    /*
     * Writes place and estimate of every vector whose estimate is at least `least` and whose estimate from the first segment
     * alone is at least `least - slack`; returns how many. Room for `count` is needed, which is also used in between.
     */
    size_t (*scan)(const struct imprag_codes *codes, const struct imprag_code_query *query, float base, float least,
                   float slack, uint32_t *places, float *estimates);
};

/* As imprag_kernels and imprag_kernels_named. */
const struct imprag_code_kernels *imprag_code_kernels(void);
const struct imprag_code_kernels *imprag_code_kernels_named(const char *name);

/* bits[i / 16] bit i % 16: whether row rows[i] is set in `words`, which has `bit_count` bits. Returns how many are. */
size_t imprag_select_rows(const uint32_t *rows, size_t count, const uint64_t *words, size_t bit_count, uint16_t *bits);

/* The index of the largest values[i] - subtracted[i], the lowest of equal ones; 0 without any. */
size_t imprag_largest_difference(const float *values, const float *subtracted, size_t count);
