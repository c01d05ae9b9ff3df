/* AVX2 and FMA: 8 lanes. */

#if defined(__x86_64__)

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define LANES 8
#define TILE_ROWS 2
#define V __m256
#define HELPER static inline __attribute__((always_inline))

HELPER __m256i first(size_t n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
HELPER V v_load(const float *p) { return _mm256_loadu_ps(p); }
HELPER V v_load_part(const float *p, size_t n) { return _mm256_maskload_ps(p, first(n)); }
HELPER void v_store(float *p, V v) { _mm256_storeu_ps(p, v); }
HELPER void v_store_part(float *p, V v, size_t n) { _mm256_maskstore_ps(p, first(n), v); }
HELPER V v_widen(const uint16_t *p) {
    __m128i bits = _mm_loadu_si128((const __m128i *)p);
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
}
HELPER V v_widen_part(const uint16_t *p, size_t n) {
    uint16_t whole[LANES] = {0};
    for (size_t i = 0; i < n; i++) whole[i] = p[i];
    return v_widen(whole);
}
HELPER void v_narrow(uint16_t *p, V v) {
    __m256i wide = _mm256_castps_si256(v);
    __m256i upper = _mm256_srli_epi32(wide, 16);
    __m256i odd = _mm256_and_si256(upper, _mm256_set1_epi32(1));
    __m256i near = _mm256_srli_epi32(_mm256_add_epi32(_mm256_add_epi32(wide, _mm256_set1_epi32(0x7FFF)), odd), 16);
    __m256i quiet = _mm256_or_si256(upper, _mm256_set1_epi32(0x40));
    __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
    __m256i chosen = _mm256_blendv_epi8(near, quiet, nan);
    __m128i packed = _mm_packus_epi32(_mm256_castsi256_si128(chosen), _mm256_extracti128_si256(chosen, 1));
    _mm_storeu_si128((__m128i *)p, packed);
}
HELPER V v_set(float x) { return _mm256_set1_ps(x); }
HELPER V v_add(V a, V b) { return _mm256_add_ps(a, b); }
HELPER V v_sub(V a, V b) { return _mm256_sub_ps(a, b); }
HELPER V v_mul(V a, V b) { return _mm256_mul_ps(a, b); }
HELPER V v_div(V a, V b) { return _mm256_div_ps(a, b); }
HELPER V v_max(V a, V b) { return _mm256_max_ps(a, b); }
HELPER V v_min(V a, V b) { return _mm256_min_ps(a, b); }
HELPER V v_fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
HELPER float v_sum(V v) {
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_shuffle_ps(half, half, 1)));
}
HELPER float v_most(V v) {
    __m128 half = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    half = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(half, _mm_shuffle_ps(half, half, 1)));
}
HELPER V v_round(V v) { return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
HELPER V v_power_of_two(V v) {
    __m256i biased = _mm256_add_epi32(_mm256_cvtps_epi32(v), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(biased, 23));
}

#include "lanes.h"

#pragma clang attribute pop

const struct imprag_kernels imprag_kernels_avx2 = TABLE("avx2");

#endif
