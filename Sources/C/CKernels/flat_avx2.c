/* The first pass with AVX2: a panel is two registers of eight sums. */

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

static inline __m256i spread(const int16_t *pair) {
    int32_t bits;
    memcpy(&bits, pair, sizeof bits);
    return _mm256_set1_epi32(bits);
}

#define LANES 8
#define VECTORS 2
#define SUM __m256i
#define FLOAT __m256
#define NOTHING _mm256_setzero_si256()
#define WIDEN(p) _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(p)))
#define SPREAD(p) spread(p)
#define ADD_PRODUCTS(s, a, b) _mm256_add_epi32(s, _mm256_madd_epi16(a, b))
#define TO_FLOAT _mm256_cvtepi32_ps
#define LOAD _mm256_loadu_ps
#define STORE _mm256_storeu_ps
#define SET _mm256_set1_ps
#define ADD _mm256_add_ps
#define MULTIPLY _mm256_mul_ps
#define REACHES(v, least) _mm256_movemask_ps(_mm256_cmp_ps(v, least, _CMP_GE_OQ))

#include "flat_tile.h"

#pragma clang attribute pop

const struct imprag_flat_kernels imprag_flat_kernels_avx2 = {"avx2", bound};

#endif
