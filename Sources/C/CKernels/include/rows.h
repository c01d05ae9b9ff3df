#pragma once

#include <stddef.h>
#include <stdint.h>

#include "panels.h"

/*
 * Passes over one row of floats, whose result is converted for a product: `count` numbers, then zeros up to `padded`.
 * Bytes bring their scales along (bytes.h, grouped.h). A row stays in the first-level cache: intermediate results are
 * never written to memory.
 */

/* The row as it is. */
void imprag_convert(enum imprag_number number, const float *x, size_t count, size_t padded, void *out);

/* Adds `increment`, unless NULL, to the row x, and gives its RMSNorm: x * weight / sqrt(mean of x^2 + epsilon). */
void imprag_add_and_normalize(enum imprag_number number, const float *increment, float *x, const float *weight,
                              float epsilon, size_t count, size_t padded, void *out);

/* gate / (1 + exp(-gate)) * up (SwiGLU). Overwrites gate. */
void imprag_gate(enum imprag_number number, float *gate, const float *up, size_t count, size_t padded, void *out);

/*
 * Rotates `heads` heads of one token by its position (RoPE, halves i and i + depth / 2): cosines and sines are
 * [depth / 2].
 */
void imprag_rotate(float *x, size_t heads, size_t depth, const float *cosines, const float *sines);

/* x[i] += increment[i]. */
void imprag_add(const float *increment, float *x, size_t count);

/*
 * Scratch memory of at least `bytes` bytes, this thread's until its next call; aligned to 64. NULL when memory runs
 * out.
 */
void *imprag_room(size_t bytes);

/* log(sum of e^x). */
double imprag_log_sum_exp(const float *x, size_t count);

/* The place of the largest x, the lowest of equal ones; 0 without any. */
size_t imprag_largest(const float *x, size_t count);
