/* x86's vector instructions in plain C, by SIMDe, in the place of the compiler's own header. */
#pragma once

#define SIMDE_NO_NATIVE
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>
#include <simde/x86/fma.h>

/* AVX-VNNI's form of what AVX-512 has too. */
#define _mm256_dpbusd_avx_epi32 simde_mm256_dpbusd_epi32
/* SIMDe 0.7.4 gives this one the masked form's arguments. */
#undef _mm512_madd_epi16
#define _mm512_madd_epi16 simde_mm512_madd_epi16
