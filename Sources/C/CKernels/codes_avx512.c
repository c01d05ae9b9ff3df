/*
 * Codes with AVX-512 VNNI: 16 vectors a register, four bytes of each; one instruction multiplies and adds 64 nibbles.
 */

#if defined(__x86_64__)

#include <immintrin.h>

#include "code_tables.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), apply_to = function)

static int32_t sum_rest(const uint8_t *code, const int8_t *low, const int8_t *high) {
    __m512i nibble = _mm512_set1_epi8(15), bytes = _mm512_loadu_si512(code);
    __m512i sum = _mm512_dpbusd_epi32(_mm512_setzero_si512(), _mm512_and_si512(bytes, nibble), _mm512_loadu_si512(low));
    __m512i upper = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), nibble);
    return _mm512_reduce_add_epi32(_mm512_dpbusd_epi32(sum, upper, _mm512_loadu_si512(high)));
}

#include "code_rest.h"

static inline __m512i weights(const int8_t *four) {
    int32_t bits;
    __builtin_memcpy(&bits, four, 4);
    return _mm512_set1_epi32(bits);
}

/* `length` is a constant where this is inlined: one loop for each length of the first segment. */
static inline __attribute__((always_inline)) size_t
scan_segments(size_t length, const struct imprag_codes *codes, const struct imprag_code_query *query,
              const uint16_t *allowed, const struct imprag_codes *ahead, float base, float least, float first_least,
              uint32_t *places, float *estimates, float *firsts) {
    EXACT_STEPS
    size_t kept = 0;
    __m512i nibble = _mm512_set1_epi8(15);
    __m512 first_bound = _mm512_set1_ps(first_least);
    for (size_t from = 0; from < codes->count; from += 16) {
        imprag_prefetch_ahead(ahead, from * length, 16 * length);
        const uint8_t *block = codes->first + from * length;
        /* Four sums, so that an addition need not wait for the one before. */
        __m512i low0 = _mm512_setzero_si512(), low1 = low0, high0 = low0, high1 = low0;
        for (size_t c = 0; c < length / 4; c += 2) {
            __m512i a = _mm512_loadu_si512(block + c * 64), b = _mm512_loadu_si512(block + c * 64 + 64);
            low0 = _mm512_dpbusd_epi32(low0, _mm512_and_si512(a, nibble), weights(query->low + 4 * c));
            low1 = _mm512_dpbusd_epi32(low1, _mm512_and_si512(b, nibble), weights(query->low + 4 * c + 4));
            high0 = _mm512_dpbusd_epi32(high0, _mm512_and_si512(_mm512_srli_epi16(a, 4), nibble),
                                        weights(query->high + 4 * c));
            high1 = _mm512_dpbusd_epi32(high1, _mm512_and_si512(_mm512_srli_epi16(b, 4), nibble),
                                        weights(query->high + 4 * c + 4));
        }
        __m512 sum = _mm512_cvtepi32_ps(_mm512_add_epi32(_mm512_add_epi32(low0, low1), _mm512_add_epi32(high0, high1)));
        __m512 value = _mm512_sub_ps(_mm512_mul_ps(_mm512_set1_ps(query->step[0]), sum), _mm512_set1_ps(query->offset[0]));
        __m512i scale_bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(codes->scales + from)));
        __m512 scales = _mm512_castsi512_ps(_mm512_slli_epi32(scale_bits, 16));
        __m512 estimate = _mm512_add_ps(_mm512_mul_ps(scales, value), _mm512_set1_ps(base));
        __mmask16 near = _mm512_cmp_ps_mask(estimate, first_bound, _CMP_GE_OQ);
        if (codes->count - from < 16) near &= (__mmask16)((1u << (codes->count - from)) - 1);
        if (allowed != NULL) near &= allowed[from / 16];
        if (near == 0) continue;
        float lanes[16];
        _mm512_storeu_ps(lanes, estimate);
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

const struct imprag_code_kernels imprag_code_kernels_avx512 = {"avx512", scan};

#endif
