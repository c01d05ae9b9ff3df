#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * bf16 matrix products with float32 sums through oneDNN, the same for its versions 2 and 3.
 *
 * Every call runs on the calling thread alone: callers split the work themselves, so that the bits of a result depend on
 * shapes only and never on the number of threads. Safe to call from any number of threads at once.
 */

/* False where this processor or this library has no fast bf16 product; the caller then widens to float32. */
bool imprag_onednn_has_bf16(void);

/*
 * c[i * stride + j] = sum over p of a[i * k + p] * b[j * k + p]: m rows of a, n rows of b, both bf16; c is float32.
 * Returns 0, or a oneDNN status. Keep the number of different (m, n, k, stride) small: each costs a primitive, kept for
 * the life of the process.
 */
int imprag_onednn_multiply(size_t m, size_t n, size_t k, const uint16_t *a, const uint16_t *b, float *c, size_t stride);

/* As in "2.6.3". */
const char *imprag_onednn_version(void);

/* The instruction set in use, as in "avx512_core_bf16". */
const char *imprag_onednn_instructions(void);
