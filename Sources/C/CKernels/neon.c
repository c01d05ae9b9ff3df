/* NEON, which every arm64 processor has: 4 lanes. */

#if defined(__aarch64__)

#include <arm_neon.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LANES 4
#define TILE_ROWS 4
#define V float32x4_t
#define HELPER static inline __attribute__((always_inline))

HELPER V v_load(const float *p) { return vld1q_f32(p); }
HELPER V v_load_part(const float *p, size_t n) {
    float whole[LANES] = {0};
    memcpy(whole, p, n * sizeof *p);
    return vld1q_f32(whole);
}
HELPER void v_store(float *p, V v) { vst1q_f32(p, v); }
HELPER void v_store_part(float *p, V v, size_t n) {
    float whole[LANES];
    vst1q_f32(whole, v);
    memcpy(p, whole, n * sizeof *p);
}
HELPER V v_widen(const uint16_t *p) { return vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(p), 16)); }
HELPER V v_widen_part(const uint16_t *p, size_t n) {
    uint16_t whole[LANES] = {0};
    memcpy(whole, p, n * sizeof *p);
    return v_widen(whole);
}
HELPER void v_narrow(uint16_t *p, V v) {
    uint32x4_t wide = vreinterpretq_u32_f32(v), upper = vshrq_n_u32(wide, 16);
    uint32x4_t odd = vandq_u32(upper, vdupq_n_u32(1));
    uint32x4_t near = vshrq_n_u32(vaddq_u32(vaddq_u32(wide, vdupq_n_u32(0x7FFF)), odd), 16);
    uint32x4_t quiet = vorrq_u32(upper, vdupq_n_u32(0x40));
    vst1_u16(p, vmovn_u32(vbslq_u32(vceqq_f32(v, v), near, quiet)));
}
HELPER V v_set(float x) { return vdupq_n_f32(x); }
HELPER V v_add(V a, V b) { return vaddq_f32(a, b); }
HELPER V v_sub(V a, V b) { return vsubq_f32(a, b); }
HELPER V v_mul(V a, V b) { return vmulq_f32(a, b); }
HELPER V v_div(V a, V b) { return vdivq_f32(a, b); }
/* As x86 has them: the second operand where one is NaN. */
HELPER V v_max(V a, V b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
HELPER V v_min(V a, V b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
HELPER V v_fma(V a, V b, V c) { return vfmaq_f32(c, a, b); }
HELPER float v_sum(V v) { return vaddvq_f32(v); }
HELPER float v_most(V v) { return vmaxvq_f32(v); }
HELPER V v_round(V v) { return vrndnq_f32(v); }
HELPER V v_power_of_two(V v) {
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtnq_s32_f32(v), vdupq_n_s32(127)), 23));
}

#include "lanes.h"

const struct imprag_kernels imprag_kernels_neon = TABLE("neon");

#endif
