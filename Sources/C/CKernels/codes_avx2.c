/* Codes with AVX2: 8 vectors a register; pairs of products are added as 16-bit numbers, which they cannot exceed. */

#if defined(__x86_64__)

#include <immintrin.h>

#include "code_tables.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

/* The eight sums of four products each of nibbles in `a` and weights in `b`: at most 2 * 15 * 127 in 16 bits. */
static inline __m256i products(__m256i a, __m256i b) {
    return _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), _mm256_set1_epi16(1));
}

static int32_t sum_rest(const uint8_t *code, const int8_t *low, const int8_t *high) {
    __m256i nibble = _mm256_set1_epi8(15), sum = _mm256_setzero_si256();
    for (size_t b = 0; b < imprag_segment_bytes; b += 32) {
        __m256i bytes = _mm256_loadu_si256((const __m256i *)(code + b));
        __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
        sum = _mm256_add_epi32(
            sum, products(_mm256_and_si256(bytes, nibble), _mm256_loadu_si256((const __m256i *)(low + b))));
        sum = _mm256_add_epi32(sum, products(upper, _mm256_loadu_si256((const __m256i *)(high + b))));
    }
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    return _mm_cvtsi128_si32(_mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1)));
}

#include "code_rest.h"

static inline __m256i weights(const int8_t *four) {
    int32_t bits;
    __builtin_memcpy(&bits, four, 4);
    return _mm256_set1_epi32(bits);
}

/* `length` is a constant where this is inlined: one loop for each length of the first segment. */
static inline __attribute__((always_inline)) size_t
scan_segments(size_t length, const struct imprag_codes *codes, const struct imprag_code_query *query,
              const uint16_t *allowed, const struct imprag_codes *ahead, float base, float least, float first_least,
              uint32_t *places, float *estimates, float *firsts) {
    EXACT_STEPS
    size_t kept = 0;
    __m256i nibble = _mm256_set1_epi8(15);
    for (size_t from = 0; from < codes->count; from += 8) {
        imprag_prefetch_ahead(ahead, from * length, 8 * length);
        const uint8_t *block = codes->first + from / 16 * (16 * length) + from % 16 * 4;
        __m256i low = _mm256_setzero_si256(), high = low;
        for (size_t c = 0; c < length / 4; c++) {
            __m256i bytes = _mm256_loadu_si256((const __m256i *)(block + c * 64));
            low = _mm256_add_epi32(low, products(_mm256_and_si256(bytes, nibble), weights(query->low + 4 * c)));
            __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble);
            high = _mm256_add_epi32(high, products(upper, weights(query->high + 4 * c)));
        }
        __m256 sum = _mm256_cvtepi32_ps(_mm256_add_epi32(low, high));
        __m256 value = _mm256_sub_ps(_mm256_mul_ps(_mm256_set1_ps(query->step[0]), sum), _mm256_set1_ps(query->offset[0]));
        __m256i scale_bits = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(codes->scales + from)));
        __m256 scales = _mm256_castsi256_ps(_mm256_slli_epi32(scale_bits, 16));
        __m256 estimate = _mm256_add_ps(_mm256_mul_ps(scales, value), _mm256_set1_ps(base));
        uint32_t near = (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(estimate, _mm256_set1_ps(first_least), _CMP_GE_OQ));
        if (codes->count - from < 8) near &= (1u << (codes->count - from)) - 1;
        if (allowed != NULL) near &= (uint32_t)allowed[from / 16] >> from % 16;
        if (near == 0) continue;
        float lanes[8];
        _mm256_storeu_ps(lanes, estimate);
        for (uint32_t left = near; left != 0; left &= left - 1) {
            size_t lane = (size_t)__builtin_ctz(left);
            places[kept] = (uint32_t)(from + lane);
            firsts[kept++] = lanes[lane];
            imprag_prefetch_rest(codes, from + lane);
        }
    }
    return keep_best(codes, query, least, kept, places, estimates, firsts);
}

#include "code_lengths.h"

#pragma clang attribute pop

const struct imprag_code_kernels imprag_code_kernels_avx2 = {"avx2", scan};

#endif
