/*
 * The last steps of decoding stored keys and values, in plain C, which the compiler turns into the instructions of the
 * including file: the same bits at every level, since products and sums are rounded separately.
 */

#include <stddef.h>
#include <stdint.h>

static void scale_bytes(const int8_t *numbers, float scale, float *out, size_t count) {
#pragma STDC FP_CONTRACT OFF
    for (size_t i = 0; i < count; i++) out[i] = (float)numbers[i] * scale;
}

static void scale_keys(const int32_t *sums, const int32_t *token_sums, float scale, float mean, float *out, size_t count) {
#pragma STDC FP_CONTRACT OFF
    for (size_t i = 0; i < count; i++) out[i] = (float)(sums[i] - 128 * token_sums[i]) * scale + mean;
}

static void scale_values(const int32_t *sums, const int32_t *offsets, const float *scales, const float *means, float *out,
                         size_t count) {
#pragma STDC FP_CONTRACT OFF
    for (size_t i = 0; i < count; i++) out[i] = (float)(sums[i] - offsets[i]) * scales[i] + means[i];
}
