/*
 * The loops of every vector table, written once over the macros and functions that the including file defines:
 *
 *   LANES                       floats in a vector V
 *   v_load(p), v_store(p, v)    unaligned; v_load_part(p, n), v_store_part(p, v, n) for n < LANES, zeros beyond
 *   v_widen(p), v_widen_part    bf16 to V; v_narrow(p, v): V to bf16
 *   v_set, v_add, v_sub, v_mul, v_div, v_max, v_min, v_fma(a, b, c) = a * b + c, v_sqrt
 *   v_sum, v_most               across the lanes
 *   v_round, v_power_of_two     nearest whole number; 2 to a whole number in -127...127
 *   TILE_ROWS                   rows of a that multiply_bf16 keeps in registers
 *
 * Every sum over k, d or t runs in one vector accumulator in ascending order, so that a result has the same bits
 * whatever tile it falls into.
 */

#include <math.h>
#include <string.h>

#include "tables.h"

#include "decode_plain.h"
#include "nearest_plain.h"
#include "scale_plain.h"

#define INLINE static inline __attribute__((always_inline))

static float dot(const float *a, const float *b, size_t count) {
    V sum = v_set(0);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) sum = v_fma(v_load(a + i), v_load(b + i), sum);
    if (i < count) sum = v_fma(v_load_part(a + i, count - i), v_load_part(b + i, count - i), sum);
    return v_sum(sum);
}

INLINE void multiply_tile(const float *a, const uint16_t *b, size_t depth, float *c, size_t stride, const int rows,
                          const int columns) {
    V sums[4][4];
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) sums[i][j] = v_set(0);
    size_t k = 0;
    for (; k + LANES <= depth; k += LANES) {
        V given[4];
        for (int i = 0; i < rows; i++) given[i] = v_load(a + (size_t)i * depth + k);
        for (int j = 0; j < columns; j++) {
            V wide = v_widen(b + (size_t)j * depth + k);
            for (int i = 0; i < rows; i++) sums[i][j] = v_fma(given[i], wide, sums[i][j]);
        }
    }
    if (k < depth) {
        for (int j = 0; j < columns; j++) {
            V wide = v_widen_part(b + (size_t)j * depth + k, depth - k);
            for (int i = 0; i < rows; i++)
                sums[i][j] = v_fma(v_load_part(a + (size_t)i * depth + k, depth - k), wide, sums[i][j]);
        }
    }
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) c[(size_t)i * stride + (size_t)j] = v_sum(sums[i][j]);
}

INLINE void multiply_rows(const float *a, const uint16_t *b, size_t n, size_t depth, float *c, size_t stride,
                          const int rows) {
    size_t j = 0;
    for (; j + 4 <= n; j += 4) multiply_tile(a, b + j * depth, depth, c + j, stride, rows, 4);
    for (; j < n; j++) multiply_tile(a, b + j * depth, depth, c + j, stride, rows, 1);
}

static void multiply_bf16(const float *a, size_t m, const uint16_t *b, size_t n, size_t depth, float *c,
                          size_t stride) {
    /* Rows of b come in blocks that stay in the second-level cache while all rows of a pass over them. */
    size_t block = depth < 4096 ? 65536 / (depth + 1) + 4 : 16;
    block -= block % 4;
    for (size_t from = 0; from < n; from += block) {
        size_t width = n - from < block ? n - from : block;
        const uint16_t *rows = b + from * depth;
        size_t i = 0;
        for (; i + TILE_ROWS <= m; i += TILE_ROWS)
            multiply_rows(a + i * depth, rows, width, depth, c + i * stride + from, stride, TILE_ROWS);
        for (; i < m; i++) multiply_rows(a + i * depth, rows, width, depth, c + i * stride + from, stride, 1);
    }
}

/* Four rows at once: each sum waits for its last step, and four take turns. */
INLINE void score_tile(const float *a, const uint16_t *const *rows, size_t depth, float *out, const int count) {
    V sums[4];
    for (int j = 0; j < count; j++) sums[j] = v_set(0);
    size_t k = 0;
    for (; k + LANES <= depth; k += LANES) {
        V given = v_load(a + k);
        for (int j = 0; j < count; j++) sums[j] = v_fma(given, v_widen(rows[j] + k), sums[j]);
    }
    if (k < depth) {
        V given = v_load_part(a + k, depth - k);
        for (int j = 0; j < count; j++) sums[j] = v_fma(given, v_widen_part(rows[j] + k, depth - k), sums[j]);
    }
    for (int j = 0; j < count; j++) out[j] = v_sum(sums[j]);
}

static void score_rows(const float *a, const uint16_t *const *rows, size_t n, size_t depth, float *out) {
    size_t j = 0;
    for (; j + 4 <= n; j += 4) score_tile(a, rows + j, depth, out + j, 4);
    for (; j < n; j++) score_tile(a, rows + j, depth, out + j, 1);
}

static void narrow(const float *in, uint16_t *out, size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) v_narrow(out + i, v_load(in + i));
    if (i < count) {
        uint16_t part[LANES];
        v_narrow(part, v_load_part(in + i, count - i));
        memcpy(out + i, part, (count - i) * sizeof *out);
    }
}

static void widen(const uint16_t *in, float *out, size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) v_store(out + i, v_widen(in + i));
    if (i < count) v_store_part(out + i, v_widen_part(in + i, count - i), count - i);
}

static void rms_norm(const float *x, const float *weight, float epsilon, float *out, size_t count) {
    V scale = v_set(1.0f / sqrtf(dot(x, x, count) / (float)count + epsilon));
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) v_store(out + i, v_mul(v_mul(v_load(x + i), scale), v_load(weight + i)));
    if (i < count) {
        size_t left = count - i;
        v_store_part(out + i, v_mul(v_mul(v_load_part(x + i, left), scale), v_load_part(weight + i, left)), left);
    }
}

/* e^x, within 2 units in the last place; 0 and infinity come out as about 1e-38 and 2e38. After Cephes' expf. */
INLINE V v_exp(V x) {
    /*
     * The constant comes first: x86's min and max return the second operand where one is NaN, so a NaN in x passes
     * through.
     */
    x = v_min(v_set(88.0f), v_max(v_set(-87.0f), x));
    V whole = v_round(v_mul(x, v_set(1.44269504088896341f)));
    V rest = v_fma(whole, v_set(-0.693359375f), x);
    rest = v_fma(whole, v_set(2.12194440e-4f), rest);
    V power = v_set(1.9875691500e-4f);
    power = v_fma(power, rest, v_set(1.3981999507e-3f));
    power = v_fma(power, rest, v_set(8.3334519073e-3f));
    power = v_fma(power, rest, v_set(4.1665795894e-2f));
    power = v_fma(power, rest, v_set(1.6666665459e-1f));
    power = v_fma(power, rest, v_set(5.0000001201e-1f));
    power = v_fma(power, v_mul(rest, rest), v_add(rest, v_set(1.0f)));
    return v_mul(power, v_power_of_two(whole));
}

INLINE V v_swiglu(V gate, V up) {
    V one = v_set(1.0f);
    return v_mul(v_div(gate, v_add(one, v_exp(v_sub(v_set(0), gate)))), up);
}

static void swiglu(float *gate, const float *up, size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) v_store(gate + i, v_swiglu(v_load(gate + i), v_load(up + i)));
    if (i < count) {
        size_t left = count - i;
        v_store_part(gate + i, v_swiglu(v_load_part(gate + i, left), v_load_part(up + i, left)), left);
    }
}

static float exponentiate(float *x, float highest, size_t count) {
    V most = v_set(highest), sum = v_set(0);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        V power = v_exp(v_sub(v_load(x + i), most));
        v_store(x + i, power);
        sum = v_add(sum, power);
    }
    if (i < count) {
        size_t left = count - i;
        v_store_part(x + i, v_exp(v_sub(v_load_part(x + i, left), most)), left);
        sum = v_add(sum, v_load_part(x + i, left));
    }
    return v_sum(sum);
}

static float highest(const float *x, size_t count) {
    float most = -INFINITY;
    size_t i = 0;
    if (count >= LANES) {
        V all = v_load(x);
        for (i = LANES; i + LANES <= count; i += LANES) all = v_max(all, v_load(x + i));
        most = v_most(all);
    }
    for (; i < count; i++) most = x[i] > most ? x[i] : most;
    return most;
}

static float quantize(const float *x, uint8_t *out, size_t count) {
    V most = v_set(0);
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        V v = v_load(x + i);
        most = v_max(most, v_max(v, v_sub(v_set(0), v)));
    }
    float largest = v_most(most);
    for (; i < count; i++) largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    float scale = largest > imprag_no_scale ? largest / 127.0f : 1.0f, inverse = 1.0f / scale;
    /* Positive before truncation: rounds to nearest, halves up. */
    for (i = 0; i < count; i++) out[i] = (uint8_t)(int32_t)(x[i] * inverse + 128.5f);
    return scale;
}

#define TABLE(level)                                                                                                 \
    {                                                                                                                \
        level,  dot,          multiply_bf16, score_rows, narrow,         widen,       rms_norm,                      \
        swiglu, exponentiate, highest,       quantize,   scale_products, scale_bytes, scale_keys, scale_values,      \
        nearest,                                                                                                     \
    }
