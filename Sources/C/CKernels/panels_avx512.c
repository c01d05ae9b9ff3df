/*
 * AVX-512: 16 lanes. Three tables: bf16 panels widened to float32 and bytes as 16-bit halves, products of fours of bytes
 * (VNNI), and of bf16 pairs besides (BF16).
 */

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#include "panels_tables.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma"))), apply_to = function)

#define LANES 16
#define ROWS 6
#define VECTORS 4
#define VECTORS_OF_1 4
#define VECTORS_OF_2 4
#define FEW_ROWS 2
#define SUM float
#define ACC __m512
#define ZERO _mm512_setzero_ps()
#define LOAD_SUM(p) _mm512_loadu_ps(p)
#define STORE_SUM(p, v) _mm512_storeu_ps(p, v)

#define NAME(x) x##_f32
#define GIVEN float
#define WEIGHT float
#define GROUP 1
#define SPREAD __m512
#define SPREAD_GROUP(p) _mm512_set1_ps(*(p))
#define WEIGHTS __m512
#define LOAD_WEIGHTS(p) _mm512_loadu_ps(p)
#define STEP(sum, row, weights) _mm512_fmadd_ps(row, weights, sum)
#include "panel_tile.h"

static inline __attribute__((always_inline)) __m512 low(__m512i pairs) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16));
}
static inline __attribute__((always_inline)) __m512 high(__m512i pairs) {
    return _mm512_castsi512_ps(_mm512_and_si512(pairs, _mm512_set1_epi32((int)0xFFFF0000u)));
}
struct pair {
    __m512 first, second;
};
static inline __attribute__((always_inline)) struct pair spread_pair(const float *p) {
    return (struct pair){_mm512_set1_ps(p[0]), _mm512_set1_ps(p[1])};
}
static inline __attribute__((always_inline)) __m512i spread(const void *p) {
    int32_t group;
    memcpy(&group, p, sizeof group);
    return _mm512_set1_epi32(group);
}

#define NAME(x) x##_widened
#define GIVEN float
#define WEIGHT uint16_t
#define GROUP 2
#define SPREAD struct pair
#define SPREAD_GROUP(p) spread_pair(p)
#define WEIGHTS __m512i
#define LOAD_WEIGHTS(p) _mm512_loadu_si512(p)
#define STEP(sum, row, weights) \
    _mm512_fmadd_ps((row).second, high(weights), _mm512_fmadd_ps((row).first, low(weights), sum))
#include "panel_tile.h"

#pragma clang attribute pop

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,fma"))), apply_to = function)

#define NAME(x) x##_bf16
#define GIVEN uint16_t
#define WEIGHT uint16_t
#define GROUP 2
#define SPREAD __m512i
#define SPREAD_GROUP(p) spread(p)
#define WEIGHTS __m512i
#define LOAD_WEIGHTS(p) _mm512_loadu_si512(p)
#define STEP(sum, row, weights) _mm512_dpbf16_ps(sum, (__m512bh)(row), (__m512bh)(weights))
#include "panel_tile.h"

#pragma clang attribute pop

#undef ROWS
#undef SUM
#undef ACC
#undef ZERO
#undef LOAD_SUM
#undef STORE_SUM
#define SUM int32_t
#define ACC __m512i
#define ZERO _mm512_setzero_si512()
#define LOAD_SUM(p) _mm512_loadu_si512(p)
#define STORE_SUM(p, v) _mm512_storeu_si512(p, v)

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))), apply_to = function)

/* As in panels_avx2.c. */
struct halves {
    __m512i even, odd;
};
static inline __attribute__((always_inline)) struct halves given_halves(const uint8_t *p) {
    __m512i all = spread(p);
    return (struct halves){_mm512_and_si512(all, _mm512_set1_epi16(0xFF)), _mm512_srli_epi16(all, 8)};
}
static inline __attribute__((always_inline)) struct halves weight_halves(const int8_t *p) {
    __m512i all = _mm512_loadu_si512(p);
    return (struct halves){_mm512_srai_epi16(_mm512_slli_epi16(all, 8), 8), _mm512_srai_epi16(all, 8)};
}

#define ROWS 4
#define NAME(x) x##_halves
#define GIVEN uint8_t
#define WEIGHT int8_t
#define GROUP 4
#define SPREAD struct halves
#define SPREAD_GROUP(p) given_halves(p)
#define WEIGHTS struct halves
#define LOAD_WEIGHTS(p) weight_halves(p)
#define STEP(sum, row, weights)                                                                        \
    _mm512_add_epi32(_mm512_add_epi32(sum, _mm512_madd_epi16((row).even, (weights).even)), \
                     _mm512_madd_epi16((row).odd, (weights).odd))
#define HIDE(row) __asm__("" : "+v"((row).even), "+v"((row).odd))
#include "panel_tile.h"
#undef ROWS

#pragma clang attribute pop

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), apply_to = function)

#define ROWS 6
#define NAME(x) x##_int8
#define GIVEN uint8_t
#define WEIGHT int8_t
#define GROUP 4
#define SPREAD __m512i
#define SPREAD_GROUP(p) spread(p)
#define WEIGHTS __m512i
#define LOAD_WEIGHTS(p) _mm512_loadu_si512(p)
#define STEP(sum, row, weights) _mm512_dpbusd_epi32(sum, row, weights)
#include "panel_tile.h"

#pragma clang attribute pop

const struct imprag_panel_kernels imprag_panels_avx512 = {
    "avx512", imprag_f32, {multiply_f32, multiply_widened, multiply_halves}, {peak_f32, peak_widened, peak_halves}};

const struct imprag_panel_kernels imprag_panels_avx512_vnni = {
    "avx512_vnni", imprag_f32, {multiply_f32, multiply_widened, multiply_int8}, {peak_f32, peak_widened, peak_int8}};

const struct imprag_panel_kernels imprag_panels_avx512_bf16 = {
    "avx512_bf16", imprag_bf16, {multiply_f32, multiply_bf16, multiply_int8}, {peak_f32, peak_bf16, peak_int8}};

#endif
