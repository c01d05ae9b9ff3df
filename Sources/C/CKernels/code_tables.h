#pragma once

#include "CKernels.h"

extern const struct imprag_code_kernels imprag_code_kernels_portable;
#if defined(__x86_64__)
extern const struct imprag_code_kernels imprag_code_kernels_avx2;
extern const struct imprag_code_kernels imprag_code_kernels_avx512;
#elif defined(__aarch64__)
extern const struct imprag_code_kernels imprag_code_kernels_neon;
#endif

static inline float imprag_code_scale(uint16_t bits) {
    union {
        uint32_t bits;
        float value;
    } wide = {.bits = (uint32_t)bits << 16};
    return wide.value;
}

/* Prefetches part of the first segments that the next scan reads. */
static inline void imprag_prefetch_ahead(const struct imprag_codes *ahead, size_t from, size_t count) {
    if (ahead == NULL) return;
    size_t end = ahead->count * ahead->segment_bytes;
    for (size_t at = from; at < from + count && at < end; at += 64) __builtin_prefetch(ahead->first + at);
}

/* Prefetches all segments of a vector but the first. */
static inline void imprag_prefetch_rest(const struct imprag_codes *codes, size_t place) {
    const uint8_t *code = codes->rest + place * (codes->segments - 1) * imprag_segment_bytes;
    for (size_t s = 1; s < codes->segments; s++) __builtin_prefetch(code + (s - 1) * imprag_segment_bytes);
}

/* Products are rounded before they are added at every level, even where the processor has fused multiply-add. */
#if defined(__clang__)
#define EXACT_STEPS _Pragma("clang fp contract(off)")
#else
#define EXACT_STEPS
#endif
