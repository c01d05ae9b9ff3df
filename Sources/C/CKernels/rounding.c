#include "CKernels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { of_group = imprag_group_columns, of_block = imprag_group_columns * imprag_block_groups, largest = 15 };

static size_t divided_up(size_t count, size_t unit) { return (count + unit - 1) / unit; }

/*
 * With R = inverse of U, moments = R * transposed R: R comes from the last column to the first, as Cholesky's from the
 * first to the last; then U, from the last row to the first.
 */
bool imprag_rounding_factor(float *moments, size_t stride, size_t size, float damping) {
    const struct imprag_kernels *kernels = imprag_kernels();
    double sum = 0;
    for (size_t i = 0; i < size; i++) sum += moments[i * stride + i];
    float damped = (float)(damping * sum / (double)size);
    for (size_t j = size; j-- > 0;) {
        float *row = moments + j * stride;
        size_t after = size - j - 1;
        float pivot = row[j] + damped - kernels->dot(row + j + 1, row + j + 1, after);
        if (!(pivot > 0)) return false;
        row[j] = sqrtf(pivot);
        for (size_t i = 0; i < j; i++) {
            float *other = moments + i * stride;
            other[j] = (other[j] - kernels->dot(other + j + 1, row + j + 1, after)) / row[j];
        }
    }
    float *made = malloc(size * sizeof *made);
    if (made == NULL) abort();
    for (size_t i = size; i-- > 0;) {
        float *row = moments + i * stride, inverse = 1 / row[i];
        memset(made, 0, size * sizeof *made);
        for (size_t k = i + 1; k < size; k++) {
            const float *below = moments + k * stride;
            float factor = -inverse * row[k];
            for (size_t j = k; j < size; j++) made[j] += factor * below[j];
        }
        made[i] = inverse;
        memcpy(row + i, made + i, (size - i) * sizeof *made);
    }
    free(made);
    return true;
}

struct range {
    float step, low;
};

/* The nearest of 0...15: what is added leaves no room for a fraction. */
static float nearest(float x) {
    x = x < 0 ? 0 : x > largest ? largest : x;
    return (x + 0x1.8p23f) - 0x1.8p23f;
}

/* Numbers of the group for this inverse step, the range that fits them best, and its error. */
static float fitted(const float *x, const float *importance, size_t count, float low, float inverse,
                    struct range *range) {
    float weights = 0, numbers = 0, squares = 0, values = 0, products = 0, q[of_group];
    for (size_t i = 0; i < count; i++) {
        q[i] = nearest((x[i] - low) * inverse);
        weights += importance[i];
        numbers += importance[i] * q[i];
        squares += importance[i] * q[i] * q[i];
        values += importance[i] * x[i];
        products += importance[i] * q[i] * x[i];
    }
    float determinant = weights * squares - numbers * numbers;
    if (!(determinant > 0)) return INFINITY;
    range->step = (weights * products - numbers * values) / determinant;
    range->low = (squares * values - numbers * products) / determinant;
    /* Offsets of a block have one sign. */
    if (range->low > 0) {
        range->low = 0;
        range->step = products / squares;
    }
    float error = 0;
    for (size_t i = 0; i < count; i++) {
        float difference = range->step * q[i] + range->low - x[i];
        error += importance[i] * difference * difference;
    }
    return range->step > 0 ? error : INFINITY;
}

static struct range fit_group(const float *x, const float *importance, size_t count) {
    float low = 0, high = 0;
    for (size_t i = 0; i < count; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    struct range best = {(high - low) / largest, low};
    if (!(best.step > 1e-30f)) return (struct range){0, 0};
    float least = INFINITY;
    for (int tenth = -10; tenth <= 30; tenth += 2) {
        struct range range;
        float error = fitted(x, importance, count, low, (largest + 0.1f * (float)tenth) / (high - low), &range);
        if (error >= least) continue;
        least = error;
        best = range;
    }
    return best;
}

void imprag_fit_row(const float *x, const float *importance, size_t columns, uint8_t *groups, float *scales,
                    float *minimums) {
    for (size_t from = 0; from < columns; from += of_block) {
        size_t end = columns - from < of_block ? columns : from + of_block, count = divided_up(end - from, of_group);
        struct range ranges[imprag_block_groups];
        float step = 0, low = 0;
        for (size_t g = 0; g < count; g++) {
            size_t first = from + g * of_group, some = end - first < of_group ? end - first : of_group;
            ranges[g] = fit_group(x + first, importance + first, some);
            step = ranges[g].step > step ? ranges[g].step : step;
            low = ranges[g].low < low ? ranges[g].low : low;
        }
        float scale = step / 255, minimum = -low / 255;
        scales[from / of_block] = scale;
        minimums[from / of_block] = minimum;
        for (size_t g = 0; g < count; g++) {
            uint8_t *both = groups + (from / of_group + g) * 2;
            both[0] = scale > 0 ? (uint8_t)lrintf(ranges[g].step / scale) : 0;
            both[1] = minimum > 0 ? (uint8_t)lrintf(-ranges[g].low / minimum) : 0;
            if (both[0] == 0 && ranges[g].step > 0) both[0] = 1;
        }
    }
}

enum { together = 8 };

/* Up to 8 rows at once: each row of the factor is then read once for all of them. */
static void round_some(float *x, size_t rows, size_t columns, const uint32_t *order, const float *factor, size_t stride,
                       const uint8_t *groups, const float *scales, const float *minimums, uint8_t *numbers) {
    size_t group_count = divided_up(columns, of_group), blocks = divided_up(columns, of_block);
    for (size_t i = 0; i < columns; i++) {
        float errors[together];
        const size_t column = order[i];
        for (size_t r = 0; r < rows; r++) {
            const uint8_t *both = groups + (r * group_count + column / of_group) * 2;
            size_t block = r * blocks + column / of_block;
            float step = scales[block] * both[0], low = minimums[block] * both[1];
            float value = x[r * columns + i];
            float number = step > 0 ? nearest((value + low) / step) : 0;
            numbers[r * group_count * of_group / 2 + column / 2] |= (uint8_t)((int)number << column % 2 * 4);
            errors[r] = value - (step * number - low);
        }
        if (factor == NULL) continue;
        const float *line = factor + i * stride;
        for (size_t r = 0; r < rows; r++) {
            float error = errors[r] / line[i], *row = x + r * columns;
            for (size_t j = i + 1; j < columns; j++) row[j] -= error * line[j];
        }
    }
}

void imprag_round_rows(float *x, size_t rows, size_t columns, const uint32_t *order, const float *factor, size_t stride,
                       const uint8_t *groups, const float *scales, const float *minimums, uint8_t *numbers) {
    size_t group_count = divided_up(columns, of_group), blocks = divided_up(columns, of_block);
    memset(numbers, 0, rows * group_count * of_group / 2);
    for (size_t from = 0; from < rows; from += together)
        round_some(x + from * columns, rows - from < together ? rows - from : together, columns, order, factor, stride,
                   groups + from * group_count * 2, scales + from * blocks, minimums + from * blocks,
                   numbers + from * group_count * of_group / 2);
}
