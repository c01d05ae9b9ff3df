/* The reference, which says what the bits are: the other tables are tested against this one. */

#include "grouped_tables.h"

enum { outputs = imprag_strip_outputs, of_group = imprag_group_columns };

struct row {
    const int8_t *numbers;
    const int16_t *sums;
    const float *scales;
};

static struct row row_at(const void *rows, size_t row_bytes, size_t index, size_t groups) {
    const int8_t *numbers = (const int8_t *)rows + index * row_bytes;
    const int16_t *sums = (const int16_t *)(numbers + groups * of_group);
    return (struct row){numbers, sums, (const float *)(sums + groups)};
}

/* The group's numbers times those of one output of the strip. */
static int32_t dot4(const int8_t *x, const uint8_t *numbers, size_t output) {
    int32_t sum = 0;
    for (size_t i = 0; i < of_group / 2; i++) {
        uint8_t both = numbers[(i / 4 * outputs + output) * 4 + i % 4];
        size_t column = i / 4 * 8 + i % 4;
        sum += x[column] * (both & 15) + x[column + 4] * (both >> 4);
    }
    return sum;
}

static int32_t dot8(const int8_t *x, const int8_t *numbers, size_t output) {
    int32_t sum = 0;
    for (size_t i = 0; i < of_group; i++) sum += x[i] * numbers[(i / 4 * outputs + output) * 4 + i % 4];
    return sum;
}

/* Each in a statement of its own: within one, a compiler may leave a rounding out. */
static float added(float sum, float part, float row_scale) {
    float scaled = part * row_scale;
    return sum + scaled;
}

static void multiply4(const void *rows, size_t row_bytes, size_t count, const void *strip, size_t groups,
                      size_t per_scale, float *out, size_t out_stride) {
    for (size_t r = 0; r < count; r++) {
        struct row x = row_at(rows, row_bytes, r, groups);
        for (size_t w = 0; w < outputs; w++) {
            const char *block = strip;
            float sum = 0;
            for (size_t first = 0; first < groups; first += imprag_block_groups) {
                size_t some = imprag_groups_from(first, groups), own = per_scale == 1 ? some : 1;
                const float *scale = (const float *)block, *minimum = scale + own * outputs;
                const uint8_t *multiplier = (const uint8_t *)(minimum + own * outputs);
                const uint8_t *offset = multiplier + some * outputs, *numbers = offset + some * outputs;
                int32_t whole = 0, least = 0;
                for (size_t g = 0; g < some; g++) {
                    whole += multiplier[g * outputs + w] *
                             dot4(x.numbers + (first + g) * of_group, numbers + g * of_group / 2 * outputs, w);
                    least += offset[(g / 2 * outputs + w) * 2 + g % 2] * x.sums[first + g];
                    if (per_scale != 1 && g + 1 < some) continue;
                    size_t s = per_scale == 1 ? g : 0;
                    float high = (float)whole * scale[s * outputs + w], low = (float)least * minimum[s * outputs + w];
                    float part = high - low;
                    sum = added(sum, part, x.scales[first / imprag_block_groups]);
                    whole = least = 0;
                }
                block = (const char *)(numbers + some * of_group / 2 * outputs);
            }
            out[r * out_stride + w] = sum;
        }
    }
}

static void multiply8(const void *rows, size_t row_bytes, size_t count, const void *strip, size_t groups,
                      size_t per_scale, float *out, size_t out_stride) {
    for (size_t r = 0; r < count; r++) {
        struct row x = row_at(rows, row_bytes, r, groups);
        for (size_t w = 0; w < outputs; w++) {
            const char *block = strip;
            float sum = 0;
            for (size_t first = 0; first < groups; first += imprag_block_groups) {
                size_t some = imprag_groups_from(first, groups), own = per_scale == 1 ? some : 1;
                const float *scale = (const float *)block;
                const int8_t *numbers = (const int8_t *)(scale + own * outputs);
                int32_t whole = 0;
                for (size_t g = 0; g < some; g++) {
                    whole += dot8(x.numbers + (first + g) * of_group, numbers + g * of_group * outputs, w);
                    if (per_scale != 1 && g + 1 < some) continue;
                    float part = (float)whole * scale[(per_scale == 1 ? g : 0) * outputs + w];
                    sum = added(sum, part, x.scales[first / imprag_block_groups]);
                    whole = 0;
                }
                block = (const char *)(numbers + some * of_group * outputs);
            }
            out[r * out_stride + w] = sum;
        }
    }
}

const struct imprag_grouped_kernels imprag_grouped_portable = {"portable", multiply4, multiply8};
