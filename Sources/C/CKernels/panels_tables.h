#pragma once

#include "panels.h"

/* One table a file. Whether the processor has the instructions is asked in dispatch.c. */
extern const struct imprag_panel_kernels imprag_panels_portable;
#if defined(__x86_64__)
extern const struct imprag_panel_kernels imprag_panels_avx2;
extern const struct imprag_panel_kernels imprag_panels_avx_vnni;
extern const struct imprag_panel_kernels imprag_panels_avx512;
extern const struct imprag_panel_kernels imprag_panels_avx512_vnni;
extern const struct imprag_panel_kernels imprag_panels_avx512_bf16;
#elif defined(__aarch64__)
extern const struct imprag_panel_kernels imprag_panels_neon;
extern const struct imprag_panel_kernels imprag_panels_neon_dotprod;
extern const struct imprag_panel_kernels imprag_panels_neon_i8mm;
#endif
