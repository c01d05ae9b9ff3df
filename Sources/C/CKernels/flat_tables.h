#pragma once

#include "CKernels.h"

/* One table a file. Whether the processor has the instructions is asked in dispatch.c. */
extern const struct imprag_flat_kernels imprag_flat_kernels_portable;
#if defined(__x86_64__)
extern const struct imprag_flat_kernels imprag_flat_kernels_avx2;
extern const struct imprag_flat_kernels imprag_flat_kernels_avx512;
#endif

/* Products are rounded before they are added at every level, even where the processor has fused multiply-add. */
#if defined(__clang__)
#define SEPARATE_STEPS _Pragma("clang fp contract(off)")
#else
#define SEPARATE_STEPS
#endif
