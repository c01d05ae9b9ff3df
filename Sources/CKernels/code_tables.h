#pragma once

#include "CKernels.h"

extern const struct imprag_code_kernels imprag_code_kernels_portable;
#if defined(__x86_64__)
extern const struct imprag_code_kernels imprag_code_kernels_avx2;
extern const struct imprag_code_kernels imprag_code_kernels_avx512;
#endif

static inline float imprag_code_scale(uint16_t bits) {
    union {
        uint32_t bits;
        float value;
    } wide = {.bits = (uint32_t)bits << 16};
    return wide.value;
}

/* Products are rounded before they are added at every level, also where the processor could do both at once. */
#if defined(__clang__)
#define EXACT_STEPS _Pragma("clang fp contract(off)")
#else
#define EXACT_STEPS
#endif
