/* Codes with NEON's dot products: four vectors a register, four bytes of each. */

#if defined(__aarch64__)

#include <arm_neon.h>

#include "code_tables.h"

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("arch=armv8.2-a+dotprod")
#endif

static inline int8x16_t lower(uint8x16_t bytes) { return vreinterpretq_s8_u8(vandq_u8(bytes, vdupq_n_u8(15))); }
static inline int8x16_t upper(uint8x16_t bytes) { return vreinterpretq_s8_u8(vshrq_n_u8(bytes, 4)); }

static int32_t sum_rest(const uint8_t *code, const int8_t *low, const int8_t *high) {
    int32x4_t sum = vdupq_n_s32(0);
    for (size_t b = 0; b < imprag_segment_bytes; b += 16) {
        uint8x16_t bytes = vld1q_u8(code + b);
        sum = vdotq_s32(vdotq_s32(sum, lower(bytes), vld1q_s8(low + b)), upper(bytes), vld1q_s8(high + b));
    }
    return vaddvq_s32(sum);
}

#include "code_rest.h"

static inline int8x16_t weights(const int8_t *four) {
    int32_t bits;
    __builtin_memcpy(&bits, four, 4);
    return vreinterpretq_s8_s32(vdupq_n_s32(bits));
}

/* One bit for each of 16 lanes that are all ones or zeros. */
static inline uint32_t bits_of(const uint32x4_t lanes[4]) {
    uint8x16_t bytes = vcombine_u8(vmovn_u16(vcombine_u16(vmovn_u32(lanes[0]), vmovn_u32(lanes[1]))),
                                   vmovn_u16(vcombine_u16(vmovn_u32(lanes[2]), vmovn_u32(lanes[3]))));
    uint8x16_t bits = vandq_u8(bytes, vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201)));
    return vaddv_u8(vget_low_u8(bits)) | (uint32_t)vaddv_u8(vget_high_u8(bits)) << 8;
}

/* `length` is a constant where this is inlined: one loop for each length of the first segment. */
static inline __attribute__((always_inline)) size_t
scan_segments(size_t length, const struct imprag_codes *codes, const struct imprag_code_query *query,
              const uint16_t *allowed, const struct imprag_codes *ahead, float base, float least, float first_least,
              uint32_t *places, float *estimates, float *firsts) {
    EXACT_STEPS
    size_t kept = 0;
    for (size_t from = 0; from < codes->count; from += 16) {
        imprag_prefetch_ahead(ahead, from * length, 16 * length);
        const uint8_t *block = codes->first + from * length;
        int32x4_t sums[4] = {vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0), vdupq_n_s32(0)};
        for (size_t c = 0; c < length / 4; c++) {
            int8x16_t low = weights(query->low + 4 * c), high = weights(query->high + 4 * c);
            for (size_t q = 0; q < 4; q++) {
                uint8x16_t bytes = vld1q_u8(block + c * 64 + q * 16);
                sums[q] = vdotq_s32(vdotq_s32(sums[q], lower(bytes), low), upper(bytes), high);
            }
        }
        float lanes[16];
        uint32x4_t is_near[4];
        for (size_t q = 0; q < 4; q++) {
            float32x4_t value = vsubq_f32(vmulq_f32(vdupq_n_f32(query->step[0]), vcvtq_f32_s32(sums[q])),
                                          vdupq_n_f32(query->offset[0]));
            float32x4_t scales = vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(codes->scales + from + 4 * q), 16));
            float32x4_t estimate = vaddq_f32(vmulq_f32(scales, value), vdupq_n_f32(base));
            is_near[q] = vcgeq_f32(estimate, vdupq_n_f32(first_least));
            vst1q_f32(lanes + 4 * q, estimate);
        }
        uint32_t near = bits_of(is_near);
        if (codes->count - from < 16) near &= (1u << (codes->count - from)) - 1;
        if (allowed != NULL) near &= allowed[from / 16];
        for (; near != 0; near &= near - 1) {
            size_t lane = (size_t)__builtin_ctz(near);
            places[kept] = (uint32_t)(from + lane);
            firsts[kept++] = lanes[lane];
            imprag_prefetch_rest(codes, from + lane);
        }
    }
    return keep_best(codes, query, least, kept, places, estimates, firsts);
}

#include "code_lengths.h"

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

const struct imprag_code_kernels imprag_code_kernels_neon = {"neon_dotprod", scan};

#endif
