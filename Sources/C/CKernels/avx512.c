/* AVX-512 F, BW and VL: 16 lanes, masks for what is left over. */

#if defined(__x86_64__)

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,fma"))), apply_to = function)

#define LANES 16
#define TILE_ROWS 4
#define V __m512
#define HELPER static inline __attribute__((always_inline))

HELPER __mmask16 first(size_t n) { return (__mmask16)((1u << n) - 1); }
HELPER V v_load(const float *p) { return _mm512_loadu_ps(p); }
HELPER V v_load_part(const float *p, size_t n) { return _mm512_maskz_loadu_ps(first(n), p); }
HELPER void v_store(float *p, V v) { _mm512_storeu_ps(p, v); }
HELPER void v_store_part(float *p, V v, size_t n) { _mm512_mask_storeu_ps(p, first(n), v); }
HELPER V v_widen_bits(__m256i bits) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}
HELPER V v_widen(const uint16_t *p) { return v_widen_bits(_mm256_loadu_si256((const __m256i *)p)); }
HELPER V v_widen_part(const uint16_t *p, size_t n) { return v_widen_bits(_mm256_maskz_loadu_epi16(first(n), p)); }
HELPER void v_narrow(uint16_t *p, V v) {
    __m512i wide = _mm512_castps_si512(v);
    __m512i odd = _mm512_and_si512(_mm512_srli_epi32(wide, 16), _mm512_set1_epi32(1));
    __m512i near = _mm512_srli_epi32(_mm512_add_epi32(_mm512_add_epi32(wide, _mm512_set1_epi32(0x7FFF)), odd), 16);
    __m512i quiet = _mm512_or_si512(_mm512_srli_epi32(wide, 16), _mm512_set1_epi32(0x40));
    __mmask16 nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtepi32_epi16(_mm512_mask_mov_epi32(near, nan, quiet)));
}
HELPER V v_set(float x) { return _mm512_set1_ps(x); }
HELPER V v_add(V a, V b) { return _mm512_add_ps(a, b); }
HELPER V v_sub(V a, V b) { return _mm512_sub_ps(a, b); }
HELPER V v_mul(V a, V b) { return _mm512_mul_ps(a, b); }
HELPER V v_div(V a, V b) { return _mm512_div_ps(a, b); }
HELPER V v_max(V a, V b) { return _mm512_max_ps(a, b); }
HELPER V v_min(V a, V b) { return _mm512_min_ps(a, b); }
HELPER V v_fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
HELPER float v_sum(V v) { return _mm512_reduce_add_ps(v); }
HELPER float v_most(V v) { return _mm512_reduce_max_ps(v); }
HELPER V v_round(V v) { return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
HELPER V v_power_of_two(V v) {
    __m512i biased = _mm512_add_epi32(_mm512_cvtps_epi32(v), _mm512_set1_epi32(127));
    return _mm512_castsi512_ps(_mm512_slli_epi32(biased, 23));
}

#include "lanes.h"

#pragma clang attribute pop

const struct imprag_kernels imprag_kernels_avx512 = TABLE("avx512");

#endif
