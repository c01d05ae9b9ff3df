/*
 * Products of bytes two rows by two columns at a time: an instruction takes eight numbers of each. In a panel a column
 * has four side by side, so two groups are interleaved first. Part of panels_neon.c, which defines multiply_mixed.
 */

/* Eight bytes of a row, or the last four and zeros. */
static inline __attribute__((always_inline)) uint8x8_t row_bytes(const uint8_t *p, const size_t count) {
    uint64_t bytes = 0;
    memcpy(&bytes, p, count);
    return vcreate_u8(bytes);
}

/* The products of one or two groups are added to sums of up to `pairs` pairs of rows and 16 columns. */
static inline __attribute__((always_inline)) void step_i8mm(int32x4_t sums[3][4][2], const uint8_t *const a[6],
                                                            const int8_t *panel, size_t width, size_t group,
                                                            const size_t groups, const int pairs) {
    uint8x16_t given[3];
    _Pragma("clang loop unroll(full)")
    for (int p = 0; p < pairs; p++)
        given[p] = vcombine_u8(row_bytes(a[2 * p] + 4 * group, 4 * groups), row_bytes(a[2 * p + 1] + 4 * group, 4 * groups));
    _Pragma("clang loop unroll(full)")
    for (int v = 0; v < 4; v++) {
        const int8_t *from = panel + (group * width + 4 * v) * 4;
        int32x4_t first = vreinterpretq_s32_s8(vld1q_s8(from)), second = vdupq_n_s32(0);
        if (groups == 2) second = vreinterpretq_s32_s8(vld1q_s8(from + 4 * width));
        int8x16_t low = vreinterpretq_s8_s32(vzip1q_s32(first, second));
        int8x16_t high = vreinterpretq_s8_s32(vzip2q_s32(first, second));
        _Pragma("clang loop unroll(full)")
        for (int p = 0; p < pairs; p++) {
            sums[p][v][0] = vusmmlaq_s32(sums[p][v][0], given[p], low);
            sums[p][v][1] = vusmmlaq_s32(sums[p][v][1], given[p], high);
        }
    }
}

/* `rows` is 2 * pairs, or one less: the last row then stands in for the missing one. */
static inline __attribute__((always_inline)) void tile_i8mm(const uint8_t *a, size_t a_stride, size_t rows,
                                                            const int8_t *panel, size_t width, size_t groups, int32_t *c,
                                                            size_t c_stride, bool adds, const int pairs) {
    const uint8_t *given[6];
    int32x4_t sums[3][4][2];
    for (size_t r = 0; r < 6; r++) given[r] = a + (r < rows ? r : rows - 1) * a_stride;
    _Pragma("clang loop unroll(full)")
    for (int p = 0; p < pairs; p++) {
        const int32_t *even = c + 2 * p * c_stride, *odd = 2 * p + 1 < (int)rows ? even + c_stride : even;
        _Pragma("clang loop unroll(full)")
        for (int i = 0; i < 8; i++)
            sums[p][i / 2][i % 2] = adds ? vcombine_s32(vld1_s32(even + 2 * i), vld1_s32(odd + 2 * i)) : vdupq_n_s32(0);
    }
    size_t g = 0;
    for (; g + 2 <= groups; g += 2) step_i8mm(sums, given, panel, width, g, 2, pairs);
    if (g < groups) step_i8mm(sums, given, panel, width, g, 1, pairs);
    _Pragma("clang loop unroll(full)")
    for (int p = 0; p < pairs; p++) {
        int32_t *even = c + 2 * p * c_stride;
        _Pragma("clang loop unroll(full)")
        for (int i = 0; i < 8; i++) {
            vst1_s32(even + 2 * i, vget_low_s32(sums[p][i / 2][i % 2]));
            if (2 * p + 1 < (int)rows) vst1_s32(even + c_stride + 2 * i, vget_high_s32(sums[p][i / 2][i % 2]));
        }
    }
}

static void multiply_i8mm(const void *a_raw, size_t a_stride, size_t rows, const void *panel_raw, size_t width,
                          size_t groups, void *c_raw, size_t c_stride, bool adds) {
    if (rows == 1) {
        multiply_mixed(a_raw, a_stride, rows, panel_raw, width, groups, c_raw, c_stride, adds);
        return;
    }
    /* As in panel_tile.h, a slice of the panel stays in the second-level cache while all rows pass over it. */
    const size_t block = 1024;
    for (size_t from = 0; from < groups; from += block) {
        size_t count = groups - from < block ? groups - from : block;
        const int8_t *panel = (const int8_t *)panel_raw + from * width * 4;
        for (size_t w = 0; w < width; w += 16) {
            const uint8_t *a = (const uint8_t *)a_raw + from * 4;
            int32_t *c = (int32_t *)c_raw + w;
            for (size_t left = rows, some; left > 0; left -= some, a += some * a_stride, c += some * c_stride) {
                some = left < 6 ? left : 6;
                bool more = adds || from > 0;
                switch ((some + 1) / 2) {
                case 1: tile_i8mm(a, a_stride, some, panel + w * 4, width, count, c, c_stride, more, 1); break;
                case 2: tile_i8mm(a, a_stride, some, panel + w * 4, width, count, c, c_stride, more, 2); break;
                default: tile_i8mm(a, a_stride, some, panel + w * 4, width, count, c, c_stride, more, 3); break;
                }
            }
        }
    }
}

/* As NAME(peak) in panel_tile.h. */
static uint64_t peak_i8mm(size_t rounds) {
    uint8_t a[16] = {0};
    int32_t c[24 * 4];
    __asm__ volatile("" : : "r"(a) : "memory");
    uint8x16_t row = vld1q_u8(a);
    int8x16_t weights = vreinterpretq_s8_u8(row);
    int32x4_t sums[24];
    _Pragma("clang loop unroll(full)")
    for (int i = 0; i < 24; i++) sums[i] = vdupq_n_s32(0);
    for (size_t n = 0; n < rounds; n++)
        _Pragma("clang loop unroll(full)")
        for (int i = 0; i < 24; i++) sums[i] = vusmmlaq_s32(sums[i], row, weights);
    _Pragma("clang loop unroll(full)")
    for (int i = 0; i < 24; i++) vst1q_s32(c + 4 * i, sums[i]);
    __asm__ volatile("" : : "r"(c) : "memory");
    return (uint64_t)rounds * 24 * 32;
}
