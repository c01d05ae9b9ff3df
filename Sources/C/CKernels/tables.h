#pragma once

#include "CKernels.h"

/* A row without a larger magnitude is quantized as zeros: 127 divided by much less is infinite. */
static const float imprag_no_scale = 1e-35f;

/*
 * One table a file; NULL where this build has no such instructions. Whether the processor has them is asked in
 * dispatch.c.
 */
extern const struct imprag_kernels imprag_kernels_portable;
#if defined(__x86_64__)
extern const struct imprag_kernels imprag_kernels_avx2;
extern const struct imprag_kernels imprag_kernels_avx512;
#elif defined(__aarch64__)
extern const struct imprag_kernels imprag_kernels_neon;
#endif
