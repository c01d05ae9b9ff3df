/* The first pass with AVX-512 F and BW: a panel is one register of sixteen sums. */

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw"))), apply_to = function)

static inline __m512i spread(const int16_t *pair) {
    int32_t bits;
    memcpy(&bits, pair, sizeof bits);
    return _mm512_set1_epi32(bits);
}

#define LANES 16
#define VECTORS 1
#define SUM __m512i
#define FLOAT __m512
#define NOTHING _mm512_setzero_si512()
#define WIDEN(p) _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(p)))
#define SPREAD(p) spread(p)
#define ADD_PRODUCTS(s, a, b) _mm512_add_epi32(s, _mm512_madd_epi16(a, b))
#define TO_FLOAT _mm512_cvtepi32_ps
#define LOAD _mm512_loadu_ps
#define STORE _mm512_storeu_ps
#define SET _mm512_set1_ps
#define ADD _mm512_add_ps
#define MULTIPLY _mm512_mul_ps
#define REACHES(v, least) _mm512_cmp_ps_mask(v, least, _CMP_GE_OQ)

#include "flat_tile.h"

#pragma clang attribute pop

const struct imprag_flat_kernels imprag_flat_kernels_avx512 = {"avx512", bound};

#endif
