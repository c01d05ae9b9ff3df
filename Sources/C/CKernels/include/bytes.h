#pragma once

#include <stddef.h>
#include <stdint.h>

#include "panels.h"

/*
 * Products of rows of bytes with panels of bytes (imprag_int8): every 256 numbers of a row share a scale. With one for a
 * whole row, a few large inputs leave the others without digits.
 *
 * A row is uint8_t numbers[padded], 128 + number, then float scales[blocks]; `padded` is a multiple of 64. Panels have 64
 * columns; weights have a scale for each, and int16_t sums[blocks][64] of each block's numbers, which meet the 128.
 */
enum { imprag_bytes_block = 256, imprag_bytes_width = 64 };

struct imprag_kernels;

/* Bytes of a row of `padded` numbers, and its blocks. */
size_t imprag_bytes_row(size_t padded);
size_t imprag_bytes_blocks(size_t padded);

/* A row of floats as such a row. */
void imprag_convert_bytes(const float *x, size_t count, size_t padded, void *out);

/*
 * out[r * out_stride + w] = row r . column w. Sums within a block are whole numbers; those are then
 * added up in float32 in ascending order, products and sums rounded one by one: the same bits on every level, whatever
 * rows are beside.
 */
void imprag_multiply_bytes(const struct imprag_panel_kernels *panels, const struct imprag_kernels *kernels,
                           const uint8_t *rows, size_t row_bytes, size_t count, const int8_t *panel, size_t padded,
                           const float *column_scales, const int16_t *sums, float *out, size_t out_stride);
