/*
 * NEON: 4 lanes; panels of bf16 are widened to float32. Three tables, which differ in products of bytes: of 16-bit
 * halves, by the dot product instructions, and by those that multiply 2 rows with 2 columns (I8MM).
 */

#if defined(__aarch64__)

#include <arm_neon.h>

#include "panels_tables.h"

#include "panels_plain.h"

#define LANES 4
#define ROWS 6
#define VECTORS 4
#define VECTORS_OF_1 16
#define VECTORS_OF_2 8
#define FEW_ROWS 4
#define SUM float
#define ACC float32x4_t
#define ZERO vdupq_n_f32(0)
#define LOAD_SUM(p) vld1q_f32(p)
#define STORE_SUM(p, v) vst1q_f32(p, v)

#define NAME(x) x##_f32
#define GIVEN float
#define WEIGHT float
#define GROUP 1
#define SPREAD float32x4_t
#define SPREAD_GROUP(p) vld1q_dup_f32(p)
#define WEIGHTS float32x4_t
#define LOAD_WEIGHTS(p) vld1q_f32(p)
#define STEP(sum, row, weights) vfmaq_f32(sum, row, weights)
#include "panel_tile.h"

/* Number `part` of four pairs. */
static inline __attribute__((always_inline)) float32x4_t widened(const uint16_t *p, const int part) {
    uint32x4_t pairs = vreinterpretq_u32_u16(vld1q_u16(p));
    return vreinterpretq_f32_u32(part == 0 ? vshlq_n_u32(pairs, 16) : vandq_u32(pairs, vdupq_n_u32(0xFFFF0000)));
}

#define NAME(x) x##_bf16
#define GIVEN float
#define WEIGHT uint16_t
#define GROUP 2
#define PARTS 2
#define SPREAD float32x4_t
#define SPREAD_GROUP(p) vld1q_dup_f32(p)
#define WEIGHTS float32x4_t
#define LOAD_WEIGHTS(p) widened(p, part)
#define STEP(sum, row, weights) vfmaq_f32(sum, row, weights)
#include "panel_tile.h"

#undef ROWS
#undef VECTORS
#undef VECTORS_OF_1
#undef VECTORS_OF_2
#undef SUM
#undef ACC
#undef ZERO
#undef LOAD_SUM
#undef STORE_SUM

static inline __attribute__((always_inline)) int32_t four_bytes(const void *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    return four;
}

/* Fours of bytes as two pairs of 16-bit numbers, and sums in two lanes a column, which are added in the end. */
struct halves {
    int16x8_t even, odd;
};
struct sums {
    int32x4_t low, high;
};
static inline __attribute__((always_inline)) struct halves given_halves(const uint8_t *p) {
    uint16x8_t all = vreinterpretq_u16_s32(vdupq_n_s32(four_bytes(p)));
    return (struct halves){vreinterpretq_s16_u16(vandq_u16(all, vdupq_n_u16(0xFF))),
                           vreinterpretq_s16_u16(vshrq_n_u16(all, 8))};
}
static inline __attribute__((always_inline)) struct halves weight_halves(const int8_t *p) {
    int16x8_t all = vreinterpretq_s16_s8(vld1q_s8(p));
    return (struct halves){vshrq_n_s16(vshlq_n_s16(all, 8), 8), vshrq_n_s16(all, 8)};
}
static inline __attribute__((always_inline)) struct sums load_sums(const int32_t *p) {
    int32x4_t all = vld1q_s32(p), none = vdupq_n_s32(0);
    return (struct sums){vzip1q_s32(all, none), vzip2q_s32(all, none)};
}
static inline __attribute__((always_inline)) struct sums step_halves(struct sums sum, struct halves row, struct halves w) {
    sum.low = vmlal_s16(sum.low, vget_low_s16(row.even), vget_low_s16(w.even));
    sum.high = vmlal_high_s16(sum.high, row.even, w.even);
    sum.low = vmlal_s16(sum.low, vget_low_s16(row.odd), vget_low_s16(w.odd));
    sum.high = vmlal_high_s16(sum.high, row.odd, w.odd);
    return sum;
}

#define ROWS 4
#define VECTORS 2
#define VECTORS_OF_1 8
#define VECTORS_OF_2 4
#define SUM int32_t
#define ACC struct sums
#define ZERO ((struct sums){vdupq_n_s32(0), vdupq_n_s32(0)})
#define LOAD_SUM(p) load_sums(p)
#define STORE_SUM(p, v) vst1q_s32(p, vpaddq_s32((v).low, (v).high))

#define NAME(x) x##_int8
#define GIVEN uint8_t
#define WEIGHT int8_t
#define GROUP 4
#define SPREAD struct halves
#define SPREAD_GROUP(p) given_halves(p)
#define WEIGHTS struct halves
#define LOAD_WEIGHTS(p) weight_halves(p)
#define STEP(sum, row, weights) step_halves(sum, row, weights)
#define HIDE(row) __asm__("" : "+w"((row).even), "+w"((row).odd))
#include "panel_tile.h"

#undef ROWS
#undef VECTORS
#undef VECTORS_OF_1
#undef VECTORS_OF_2
#undef SUM
#undef ACC
#undef ZERO
#undef LOAD_SUM
#undef STORE_SUM

#define ROWS 6
#define VECTORS 4
#define VECTORS_OF_1 16
#define VECTORS_OF_2 8

/* SwiftPM compiles with clang; the other compiler's form is for those who cross-compile. */
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("arch=armv8.2-a+dotprod")
#endif

/*
 * Products of unsigned with signed bytes do not come with this extension. Weights are moved into 0...255 instead, and
 * what that adds, 128 times a row's sum, is taken off each of the row's sums afterwards; both wrap around alike.
 */
#define SUM uint32_t
#define ACC uint32x4_t
#define ZERO vdupq_n_u32(0)
#define LOAD_SUM(p) vld1q_u32(p)
#define STORE_SUM(p, v) vst1q_u32(p, v)

#define NAME(x) x##_moved
#define GIVEN uint8_t
#define WEIGHT uint8_t
#define GROUP 4
#define SPREAD uint8x16_t
#define SPREAD_GROUP(p) vreinterpretq_u8_s32(vdupq_n_s32(four_bytes(p)))
#define WEIGHTS uint8x16_t
#define LOAD_WEIGHTS(p) veorq_u8(vld1q_u8(p), vdupq_n_u8(0x80))
#define STEP(sum, row, weights) vdotq_u32(sum, row, weights)
#include "panel_tile.h"

static void multiply_dotprod(const void *a, size_t a_stride, size_t rows, const void *panel, size_t width, size_t groups,
                             void *c_raw, size_t c_stride, bool adds) {
    multiply_moved(a, a_stride, rows, panel, width, groups, c_raw, c_stride, adds);
    const uint8_t *row = a;
    uint32_t *c = c_raw;
    for (size_t r = 0; r < rows; r++, row += a_stride, c += c_stride) {
        uint32_t sum = 0;
        for (size_t i = 0; i < 4 * groups; i++) sum += row[i];
        for (size_t w = 0; w < width; w++) c[w] -= 128 * sum;
    }
}

#undef SUM
#undef ACC
#undef ZERO
#undef LOAD_SUM
#undef STORE_SUM

#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("arch=armv8.2-a+dotprod+i8mm")
#endif

#define SUM int32_t
#define ACC int32x4_t
#define ZERO vdupq_n_s32(0)
#define LOAD_SUM(p) vld1q_s32(p)
#define STORE_SUM(p, v) vst1q_s32(p, v)

#define NAME(x) x##_mixed
#define GIVEN uint8_t
#define WEIGHT int8_t
#define GROUP 4
#define SPREAD uint8x16_t
#define SPREAD_GROUP(p) vreinterpretq_u8_s32(vdupq_n_s32(four_bytes(p)))
#define WEIGHTS int8x16_t
#define LOAD_WEIGHTS(p) vld1q_s8(p)
#define STEP(sum, row, weights) vusdotq_s32(sum, row, weights)
#include "panel_tile.h"

#include "panels_i8mm.h"

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

const struct imprag_panel_kernels imprag_panels_neon = {
    "neon", imprag_f32, {multiply_f32, multiply_bf16, multiply_int8}, {peak_f32, peak_bf16, peak_int8}};

const struct imprag_panel_kernels imprag_panels_neon_dotprod = {
    "neon_dotprod", imprag_f32, {multiply_f32, multiply_bf16, multiply_dotprod}, {peak_f32, peak_bf16, peak_moved}};

const struct imprag_panel_kernels imprag_panels_neon_i8mm = {
    "neon_i8mm", imprag_f32, {multiply_f32, multiply_bf16, multiply_i8mm}, {peak_f32, peak_bf16, peak_i8mm}};

#endif
