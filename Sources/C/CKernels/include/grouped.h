#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Products with weights of 4 or 8 bits that share scales in groups of 32 columns, straight from the packed form.
 *
 *     4 bits: weight = scale * multiplier * number - minimum * offset,    number 0...15
 *     8 bits: weight = scale * number,                                    number -128...127
 *
 * Every group has a multiplier and an offset (bytes); a scale and a minimum (float32) are shared by the 8 groups of a
 * block (256 columns), or each group has its own. This holds GGUF's Q4_K, Q4_0 and Q8_0 exactly.
 *
 * Outputs come in strips of 16, each contiguous, block after block: a strip stays in the first-level cache while all
 * rows pass over it, and one row alone reads memory in one stream. A block of n groups (8, in the last block as many as
 * there are, an even number), with s = 1 scale or s = n:
 *
 *     float scale[s][16]; float minimum[s][16]; uint8_t multiplier[n][16]; uint8_t offset[n / 2][16][2];
 *     uint8_t numbers[n][4][16][4]    low half: column 8 * [1] + [3] of the group; high half: 4 columns further
 *
 *     float scale[s][16]; int8_t numbers[n][8][16][4]                            column 4 * [1] + [3] of the group
 *
 * A row is int8_t numbers[columns], int16_t sums[columns / 32] of each group's, and float scales[blocks]: x = number *
 * scale of its block. Columns are a multiple of 64.
 */
enum { imprag_group_columns = 32, imprag_block_groups = 8, imprag_strip_outputs = 16 };

/*
 * out[r * out_stride + w] = row r . column w of the strip. Sums within a scale are whole numbers; those are then added
 * up in float32 in ascending order, products and sums rounded one by one: the same bits on every level, whatever rows
 * are beside.
 *
 * per_scale: groups to a scale, 8 or 1.
 */
typedef void imprag_multiply_strip(const void *rows, size_t row_bytes, size_t count, const void *strip, size_t groups,
                                   size_t per_scale, float *out, size_t out_stride);

struct imprag_grouped_kernels {
    const char *name;
    imprag_multiply_strip *multiply4, *multiply8;
};

/* As imprag_kernels and imprag_kernels_named. */
const struct imprag_grouped_kernels *imprag_grouped_kernels(void);
const struct imprag_grouped_kernels *imprag_grouped_kernels_named(const char *name);

/* Bytes of a row of `columns` numbers, and of a strip: bits is 4 or 8. */
size_t imprag_grouped_row_bytes(size_t columns);
size_t imprag_strip_bytes(size_t bits, size_t groups, size_t per_scale);

/* A row of floats as such a row, each block with a scale of its own; `padded` is `count` up to a multiple of 64. */
void imprag_convert_grouped(const float *x, size_t count, size_t padded, void *out);

/*
 * Stored weights as a strip: `rows` rows, 1 to 16, of `columns` numbers, all at any address. With g whole or begun
 * groups of a row, and s = g or (g + 7) / 8 scales, a row is
 *
 *     4 bits: g * 16 bytes, the low half of each the first of two columns; g times a multiplier and an offset; s scales
 *             and s minimums
 *     8 bits: `columns` bytes; g scales, or one, which stands for all blocks (per_scale 8)
 */
void imprag_pack_strip4(const void *numbers, const void *multipliers, const void *scales, const void *minimums,
                        size_t rows, size_t columns, size_t per_scale, void *strip);
void imprag_pack_strip8(const void *numbers, const void *scales, size_t rows, size_t columns, size_t per_scale,
                        void *strip);
