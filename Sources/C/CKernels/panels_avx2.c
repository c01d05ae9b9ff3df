/*
 * AVX2 and FMA: 8 lanes; panels of bf16 are widened to float32. Two tables, which differ in products of bytes: as 16-bit
 * halves, and of fours by AVX-VNNI.
 */

#if defined(__x86_64__)

#include <immintrin.h>

#include "panels_tables.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#include "panels_plain.h"

#define LANES 8
#define ROWS 6
#define VECTORS 2
#define VECTORS_OF_1 8
#define VECTORS_OF_2 4
#define FEW_ROWS 16
#define SUM float
#define ACC __m256
#define ZERO _mm256_setzero_ps()
#define LOAD_SUM(p) _mm256_loadu_ps(p)
#define STORE_SUM(p, v) _mm256_storeu_ps(p, v)

#define NAME(x) x##_f32
#define GIVEN float
#define WEIGHT float
#define GROUP 1
#define SPREAD __m256
#define SPREAD_GROUP(p) _mm256_broadcast_ss(p)
#define WEIGHTS __m256
#define LOAD_WEIGHTS(p) _mm256_loadu_ps(p)
#define STEP(sum, row, weights) _mm256_fmadd_ps(row, weights, sum)
#include "panel_tile.h"

/*
 * Number `part` of eight pairs. Beside many rows they are read once for each part: kept for both, they would need
 * registers that the sums leave none of.
 */
static inline __attribute__((always_inline)) __m256 widened(const uint16_t *p, const int part, const int rows) {
    if (rows > 4) __asm__ volatile("" ::: "memory");
    __m256i pairs = _mm256_loadu_si256((const __m256i *)p);
    return _mm256_castsi256_ps(part == 0 ? _mm256_slli_epi32(pairs, 16)
                                         : _mm256_and_si256(pairs, _mm256_set1_epi32((int)0xFFFF0000u)));
}

#define NAME(x) x##_bf16
#define GIVEN float
#define WEIGHT uint16_t
#define GROUP 2
#define PARTS 2
#define SPREAD __m256
#define SPREAD_GROUP(p) _mm256_broadcast_ss(p)
#define WEIGHTS __m256
#define LOAD_WEIGHTS(p) widened(p, part, rows)
#define STEP(sum, row, weights) _mm256_fmadd_ps(row, weights, sum)
#include "panel_tile.h"

/*
 * Fours of bytes as two pairs of 16-bit numbers, the even ones and the odd ones: VPMADDWD takes pairs without saturating,
 * and leaves every column's sum in its own lane.
 */
struct halves {
    __m256i even, odd;
};
static inline __attribute__((always_inline)) struct halves given_halves(const uint8_t *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    __m256i all = _mm256_set1_epi32(four);
    return (struct halves){_mm256_and_si256(all, _mm256_set1_epi16(0xFF)), _mm256_srli_epi16(all, 8)};
}
static inline __attribute__((always_inline)) struct halves weight_halves(const int8_t *p) {
    __m256i all = _mm256_loadu_si256((const __m256i *)p);
    return (struct halves){_mm256_srai_epi16(_mm256_slli_epi16(all, 8), 8), _mm256_srai_epi16(all, 8)};
}

#define NAME(x) x##_int8
#define GIVEN uint8_t
#define WEIGHT int8_t
#define GROUP 4
#undef ROWS
#undef SUM
#undef ACC
#undef ZERO
#undef LOAD_SUM
#undef STORE_SUM
#define ROWS 4
#define SUM int32_t
#define ACC __m256i
#define ZERO _mm256_setzero_si256()
#define LOAD_SUM(p) _mm256_loadu_si256((const __m256i *)(p))
#define STORE_SUM(p, v) _mm256_storeu_si256((__m256i *)(p), v)
#define SPREAD struct halves
#define SPREAD_GROUP(p) given_halves(p)
#define WEIGHTS struct halves
#define LOAD_WEIGHTS(p) weight_halves(p)
#define STEP(sum, row, weights)                                              \
    _mm256_add_epi32(_mm256_add_epi32(sum, _mm256_madd_epi16((row).even, (weights).even)), \
                     _mm256_madd_epi16((row).odd, (weights).odd))
#define HIDE(row) __asm__("" : "+x"((row).even), "+x"((row).odd))
#include "panel_tile.h"

#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,avxvnni"))), apply_to = function)

static inline __attribute__((always_inline)) __m256i spread(const uint8_t *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    return _mm256_set1_epi32(four);
}

#undef ROWS
#define ROWS 6
#define NAME(x) x##_vnni
#define GIVEN uint8_t
#define WEIGHT int8_t
#define GROUP 4
#define SPREAD __m256i
#define SPREAD_GROUP(p) spread(p)
#define WEIGHTS __m256i
#define LOAD_WEIGHTS(p) _mm256_loadu_si256((const __m256i *)(p))
#define STEP(sum, row, weights) _mm256_dpbusd_avx_epi32(sum, row, weights)
#include "panel_tile.h"

#pragma clang attribute pop

const struct imprag_panel_kernels imprag_panels_avx2 = {
    "avx2", imprag_f32, {multiply_f32, multiply_bf16, multiply_int8}, {peak_f32, peak_bf16, peak_int8}};

const struct imprag_panel_kernels imprag_panels_avx_vnni = {
    "avx_vnni", imprag_f32, {multiply_f32, multiply_bf16, multiply_vnni}, {peak_f32, peak_bf16, peak_vnni}};

#endif
