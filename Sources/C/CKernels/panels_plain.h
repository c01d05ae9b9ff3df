/* The product with a panel in plain C, which the compiler turns into the instructions of the including file. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PLAIN(name, given, weight, sum, group, row_value, value)                                                       \
    static void name(const void *a_raw, size_t a_stride, size_t rows, const void *panel_raw, size_t width,             \
                     size_t groups, void *c_raw, size_t c_stride, bool adds) {                                         \
        const given *a = a_raw;                                                                                        \
        for (size_t r = 0; r < rows; r++) {                                                                            \
            sum *c = (sum *)c_raw + r * c_stride;                                                                      \
            if (!adds) memset(c, 0, width * sizeof *c);                                                                \
            const weight *panel = panel_raw;                                                                           \
            for (size_t g = 0; g < groups; g++, panel += width * group)                                                \
                for (size_t w = 0; w < width; w++)                                                                     \
                    for (size_t p = 0; p < group; p++)                                                                 \
                        c[w] += row_value(a[r * a_stride + g * group + p]) * value(panel[w * group + p]);              \
        }                                                                                                              \
    }

/*
 * As NAME(peak) in panel_tile.h: there are no registers to choose here, so it is a product in the first-level cache. The
 * compiler must not see its sizes, or it makes other loops of them.
 */
#define PLAIN_PEAK(name, multiply, given, weight, sum, group)                                 \
    static uint64_t name(size_t rounds) {                                                     \
        enum { rows = 16, width = 64, groups = 64 };                                          \
        static given a[rows * groups * group];                                                \
        static weight panel[width * groups * group];                                          \
        sum c[rows * width] = {0};                                                            \
        __typeof__(multiply) *volatile product = multiply;                                    \
        size_t times = rounds / 256 + 1;                                                      \
        for (size_t n = 0; n < times; n++)                                                    \
            product(a, groups *group, rows, panel, width, groups, c, width, true);            \
        return (uint64_t)times * rows * width * groups * group;                               \
    }

static inline float plain_bf16(uint16_t bits) {
    uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof value);
    return value;
}
