#include "CKernels.h"

#include <string.h>

#include "grouped_tables.h"

enum { outputs = imprag_strip_outputs, of_group = imprag_group_columns };

/* Every level of x86 but the portable one has AVX2, and these products gain nothing that shows from wider vectors. */
static const struct imprag_grouped_kernels *table(const char *level) {
#if defined(__x86_64__)
    if (strcmp(level, "portable") != 0) return &imprag_grouped_avx2;
#endif
    (void)level;
    return &imprag_grouped_portable;
}

const struct imprag_grouped_kernels *imprag_grouped_kernels(void) { return table(imprag_level()); }

const struct imprag_grouped_kernels *imprag_grouped_kernels_named(const char *name) {
    return imprag_level_runs(name) ? table(name) : NULL;
}

static size_t rounded_up(size_t count, size_t unit) { return (count + unit - 1) / unit * unit; }

size_t imprag_grouped_row_bytes(size_t columns) {
    size_t padded = rounded_up(columns, 64), groups = padded / of_group;
    size_t blocks = (groups + imprag_block_groups - 1) / imprag_block_groups;
    return rounded_up(padded + groups * sizeof(int16_t) + blocks * sizeof(float), 64);
}

size_t imprag_strip_bytes(size_t bits, size_t groups, size_t per_scale) {
    size_t scales = per_scale == 1 ? groups : (groups + imprag_block_groups - 1) / imprag_block_groups;
    size_t numbers = groups * of_group * outputs;
    if (bits == 8) return scales * outputs * sizeof(float) + numbers;
    return 2 * scales * outputs * sizeof(float) + 2 * groups * outputs + numbers / 2;
}

void imprag_convert_grouped(const float *x, size_t count, size_t padded, void *out) {
    const struct imprag_kernels *kernels = imprag_kernels();
    const size_t block = imprag_block_groups * of_group;
    size_t groups = padded / of_group;
    uint8_t *numbers = out;
    int16_t *sums = (int16_t *)(numbers + padded);
    float *scales = (float *)(sums + groups);
    for (size_t from = 0; from < padded; from += block) {
        size_t some = count > from ? count - from : 0;
        scales[from / block] = kernels->quantize(x + from, numbers + from, some < block ? some : block);
    }
    memset(numbers + count, 128, padded - count);
    for (size_t g = 0; g < groups; g++) {
        int sum = 0;
        for (size_t i = g * of_group; i < (g + 1) * of_group; i++) {
            numbers[i] ^= 0x80;
            sum += (int8_t)numbers[i];
        }
        sums[g] = (int16_t)sum;
    }
}

/* Number `column` of a row of halves of bytes. */
static unsigned half(const uint8_t *row, size_t column) {
    return column % 2 == 0 ? row[column / 2] & 15 : row[column / 2] >> 4;
}

/* scale[s][16] of one block, from rows of `stride` floats; `first` is the block's first scale. */
static char *put_scales(char *to, const char *from, size_t rows, size_t stride, size_t first, size_t count) {
    memset(to, 0, count * outputs * sizeof(float));
    for (size_t s = 0; s < count && first + s < stride; s++)
        for (size_t row = 0; row < rows; row++)
            memcpy(to + (s * outputs + row) * sizeof(float), from + (row * stride + first + s) * sizeof(float),
                   sizeof(float));
    return to + count * outputs * sizeof(float);
}

void imprag_pack_strip4(const void *numbers, const void *multipliers, const void *scales, const void *minimums,
                        size_t rows, size_t columns, size_t per_scale, void *strip) {
    size_t stored = (columns + of_group - 1) / of_group, groups = rounded_up(columns, 64) / of_group;
    size_t stride = per_scale == 1 ? stored : (stored + imprag_block_groups - 1) / imprag_block_groups;
    char *to = strip;
    for (size_t first = 0; first < groups; first += imprag_block_groups) {
        size_t count = imprag_groups_from(first, groups), own = per_scale == 1 ? count : 1;
        to = put_scales(to, scales, rows, stride, first / per_scale, own);
        to = put_scales(to, minimums, rows, stride, first / per_scale, own);
        uint8_t *multiplier = (uint8_t *)to, *offset = multiplier + count * outputs;
        uint8_t *packed = offset + count * outputs;
        memset(to, 0, 2 * count * outputs + count * of_group / 2 * outputs);
        for (size_t row = 0; row < rows; row++) {
            for (size_t g = 0; g < count && first + g < stored; g++) {
                const uint8_t *both = (const uint8_t *)multipliers + (row * stored + first + g) * 2;
                const uint8_t *from = (const uint8_t *)numbers + (row * stored + first + g) * (of_group / 2);
                multiplier[g * outputs + row] = both[0];
                offset[(g / 2 * outputs + row) * 2 + g % 2] = both[1];
                for (size_t i = 0; i < of_group / 2; i++) {
                    size_t column = i / 4 * 8 + i % 4;
                    packed[((g * 4 + i / 4) * outputs + row) * 4 + i % 4] =
                        (uint8_t)(half(from, column) | half(from, column + 4) << 4);
                }
            }
        }
        to = (char *)(packed + count * of_group / 2 * outputs);
    }
}

void imprag_pack_strip8(const void *numbers, const void *scales, size_t rows, size_t columns, size_t per_scale,
                        void *strip) {
    size_t stored = (columns + of_group - 1) / of_group, groups = rounded_up(columns, 64) / of_group;
    char *to = strip;
    for (size_t first = 0; first < groups; first += imprag_block_groups) {
        size_t count = imprag_groups_from(first, groups);
        to = per_scale == 1 ? put_scales(to, scales, rows, stored, first, count)
                            : put_scales(to, scales, rows, 1, 0, 1);
        memset(to, 0, count * of_group * outputs);
        for (size_t row = 0; row < rows; row++) {
            size_t end = (first + count) * of_group < columns ? (first + count) * of_group : columns;
            for (size_t column = first * of_group; column < end; column++) {
                size_t i = column - first * of_group;
                to[(i / 4 * outputs + row) * 4 + i % 4] = ((const char *)numbers)[row * columns + column];
            }
        }
        to += count * of_group * outputs;
    }
}
