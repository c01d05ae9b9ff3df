#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attention.h"
#include "bytes.h"
#include "codes.h"
#include "flat.h"
#include "grouped.h"
#include "panels.h"
#include "pool.h"
#include "rounding.h"
#include "rows.h"
#include "states.h"

/* Centroids of a group of four numbers in product quantization: a code is a byte. */
enum { imprag_centroids = 256 };

/*
 * The loops that no library has: float32 arithmetic around the matrix products, and products with bf16 rows.
 *
 * One table a level of instructions; all tables compute the same function, with sums in another order. In every
 * function the result for one row, head or element never depends on what else the call computes.
 */
struct imprag_kernels {
    const char *name;

    /* Sum of a[i] * b[i]. */
    float (*dot)(const float *a, const float *b, size_t count);

    /* c[i * stride + j] = sum over k of a[i * depth + k] * widened b[j * depth + k]; m rows of a, n rows of b. */
    void (*multiply_bf16)(const float *a, size_t m, const uint16_t *b, size_t n, size_t depth, float *c, size_t stride);

    /* out[j] = sum over k of a[k] * widened rows[j][k]: the same bits as multiply_bf16 gives, for rows that lie anywhere. */
    void (*score_rows)(const float *a, const uint16_t *const *rows, size_t n, size_t depth, float *out);

    /* float32 to bf16, to nearest even; NaN stays NaN. */
    void (*narrow)(const float *in, uint16_t *out, size_t count);

    /* bf16 to float32, exact. */
    void (*widen)(const uint16_t *in, float *out, size_t count);

    /* out[i] = x[i] * weight[i] / sqrt(mean of x[i]^2 + epsilon). */
    void (*rms_norm)(const float *x, const float *weight, float epsilon, float *out, size_t count);

    /* gate[i] = gate[i] / (1 + exp(-gate[i])) * up[i]. */
    void (*swiglu)(float *gate, const float *up, size_t count);

    /* Replaces x by exp(x[i] - highest), and returns the sum. */
    float (*exponentiate)(float *x, float highest, size_t count);

    /* The highest of x; -infinity without any. */
    float (*highest)(const float *x, size_t count);

    /*
     * Numbers as unsigned bytes, 128 + x / scale to the nearest; returns the scale, which maps the largest magnitude to
     * 127 (1 when none is above 1e-35: all are taken for 0 then).
     */
    float (*quantize)(const float *x, uint8_t *out, size_t count);

    /*
     * Rows of imprag_bytes_width int32 sums of products with bytes around 128 to floats: out[r * out_stride + i] =
     * (sum - 128 * weight_sums[i]) * (scales[r * scale_stride] * column_scales[i]), added to what stands in out where
     * `adds`. The same bits on every level.
     */
    void (*scale_products)(const int32_t *sums, size_t rows, const float *scales, size_t scale_stride,
                           const float *column_scales, const int16_t *weight_sums, float *out, size_t out_stride,
                           bool adds);

    /*
     * Stored keys and values, in the last step of decoding, with the same bits on every level: numbers[i] * scale;
     * (sums[i] - 128 * token_sums[i]) * scale + mean; (sums[i] - offsets[i]) * scales[i] + means[i].
     */
    void (*scale_bytes)(const int8_t *numbers, float scale, float *out, size_t count);
    void (*scale_keys)(const int32_t *sums, const int32_t *token_sums, float scale, float mean, float *out, size_t count);
    void (*scale_values)(const int32_t *sums, const int32_t *offsets, const float *scales, const float *means, float *out,
                         size_t count);

    /*
     * For each of `count` rows of four numbers, `stride` apart, which of 256 centroids has the largest row . centroid -
     * half, the lowest of equal ones; 0 when none is above minus infinity. centroids: [4][256]. The same bits on every
     * level.
     */
    void (*nearest)(const float *rows, size_t count, size_t stride, const float *centroids, const float *halves,
                    uint8_t *codes);
};

/*
 * The level of instructions that all tables are of, chosen once: the best one, or the one that IMPRAG_KERNELS names
 * where this processor can run it.
 */
const char *imprag_level(void);
/* Whether IMPRAG_KERNELS named it. */
bool imprag_level_is_wanted(void);
/* The name of a level, best first; NULL after the last one. */
const char *imprag_level_at(size_t place);
/* Whether there is such a level and this processor can run it. */
bool imprag_level_runs(const char *name);

/* The table of that level, and the one of another level: NULL when this processor cannot run it. */
const struct imprag_kernels *imprag_kernels(void);
const struct imprag_kernels *imprag_kernels_named(const char *name);
