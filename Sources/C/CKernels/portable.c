/* The reference: plain C, one accumulator, no intrinsics. The other tables are tested against this one. */

#include <math.h>
#include <string.h>

#include "tables.h"

#include "decode_plain.h"
#include "nearest_plain.h"
#include "scale_plain.h"

static float widened(uint16_t bits) {
    uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof value);
    return value;
}

static uint16_t narrowed(float value) {
    uint32_t wide;
    memcpy(&wide, &value, sizeof wide);
    if (value != value) return (uint16_t)((wide >> 16) | 0x40);
    return (uint16_t)((wide + 0x7FFF + ((wide >> 16) & 1)) >> 16);
}

static float dot(const float *a, const float *b, size_t count) {
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
    return sum;
}

static void multiply_bf16(const float *a, size_t m, const uint16_t *b, size_t n, size_t depth, float *c,
                          size_t stride) {
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            float sum = 0;
            for (size_t k = 0; k < depth; k++) sum += a[i * depth + k] * widened(b[j * depth + k]);
            c[i * stride + j] = sum;
        }
    }
}

static void score_rows(const float *a, const uint16_t *const *rows, size_t n, size_t depth, float *out) {
    for (size_t j = 0; j < n; j++) multiply_bf16(a, 1, rows[j], 1, depth, out + j, 1);
}

static void narrow(const float *in, uint16_t *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = narrowed(in[i]);
}

static void widen(const uint16_t *in, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = widened(in[i]);
}

static void rms_norm(const float *x, const float *weight, float epsilon, float *out, size_t count) {
    float scale = 1.0f / sqrtf(dot(x, x, count) / (float)count + epsilon);
    for (size_t i = 0; i < count; i++) out[i] = x[i] * scale * weight[i];
}

static void swiglu(float *gate, const float *up, size_t count) {
    for (size_t i = 0; i < count; i++) gate[i] = gate[i] / (1.0f + expf(-gate[i])) * up[i];
}

static float exponentiate(float *x, float highest, size_t count) {
    float sum = 0;
    for (size_t i = 0; i < count; i++) {
        x[i] = expf(x[i] - highest);
        sum += x[i];
    }
    return sum;
}

static float highest(const float *x, size_t count) {
    float most = -INFINITY;
    for (size_t i = 0; i < count; i++) most = x[i] > most ? x[i] : most;
    return most;
}

static float quantize(const float *x, uint8_t *out, size_t count) {
    float largest = 0;
    for (size_t i = 0; i < count; i++) largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    float scale = largest > imprag_no_scale ? largest / 127.0f : 1.0f, inverse = 1.0f / scale;
    for (size_t i = 0; i < count; i++) out[i] = (uint8_t)(int32_t)(x[i] * inverse + 128.5f);
    return scale;
}

const struct imprag_kernels imprag_kernels_portable = {
    "portable",   dot,     multiply_bf16, score_rows,     narrow,      widen,      rms_norm,     swiglu,
    exponentiate, highest, quantize,      scale_products, scale_bytes, scale_keys, scale_values, nearest,
};
