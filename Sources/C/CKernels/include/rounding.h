#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Rounding rows of weights to 4 bits in groups (grouped.h), such that what inputs make of them changes least: GPTQ
 * (Frantar et al., ICLR 2023). Columns are rounded one after the other, and the columns that follow are changed to make
 * up for each one's error; by how much follows from the inputs' second moments.
 */

/*
 * Turns second moments, sums of x[i] * x[j] over inputs, [size x size] with rows `stride` apart, of which the part on
 * and above the diagonal is read, into the upper triangle U with transposed U * U = the inverse of moments + damping *
 * mean diagonal * unit matrix. Nothing below the diagonal changes. Returns false where the numbers have none.
 */
bool imprag_rounding_factor(float *moments, size_t stride, size_t size, float damping);

/*
 * One row's multipliers and offsets, and scales and minimums of its blocks: the range of each group that leaves the
 * least squared error weighted by `importance`, [columns].
 */
void imprag_fit_row(const float *x, const float *importance, size_t columns, uint8_t *groups, float *scales,
                    float *minimums);

/*
 * The numbers of `rows` rows, given those, as stored: groups * 16 bytes a row. x, [rows x columns], is overwritten.
 *
 * order: which column is rounded first, second, ..., and stands there in x and in the factor.
 * factor: of imprag_rounding_factor, rows `stride` apart, or NULL to round each number to the nearest.
 */
void imprag_round_rows(float *x, size_t rows, size_t columns, const uint32_t *order, const float *factor, size_t stride,
                       const uint8_t *groups, const float *scales, const float *minimums, uint8_t *numbers);
