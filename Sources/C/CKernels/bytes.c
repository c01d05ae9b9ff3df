#include "CKernels.h"

#include <string.h>

/* So many rows' sums, their inputs of a block and the block's weights stay in the first-level cache in turn. */
enum { most_rows = 32, width = imprag_bytes_width };

size_t imprag_bytes_blocks(size_t padded) { return (padded + imprag_bytes_block - 1) / imprag_bytes_block; }

size_t imprag_bytes_row(size_t padded) {
    return (padded + imprag_bytes_blocks(padded) * sizeof(float) + 63) / 64 * 64;
}

void imprag_convert_bytes(const float *x, size_t count, size_t padded, void *out) {
    const struct imprag_kernels *kernels = imprag_kernels();
    uint8_t *numbers = out;
    float *scales = (float *)(numbers + padded);
    for (size_t from = 0; from < padded; from += imprag_bytes_block) {
        size_t some = count > from ? count - from : 0;
        scales[from / imprag_bytes_block] =
            kernels->quantize(x + from, numbers + from, some < imprag_bytes_block ? some : imprag_bytes_block);
    }
    memset(numbers + count, 0, padded - count);
}

void imprag_multiply_bytes(const struct imprag_panel_kernels *panels, const struct imprag_kernels *kernels,
                           const uint8_t *rows, size_t row_bytes, size_t count, const int8_t *panel, size_t padded,
                           const float *column_scales, const int16_t *sums, float *out, size_t out_stride) {
    _Alignas(64) int32_t whole[most_rows * width];
    for (size_t some; count > 0; count -= some, rows += some * row_bytes, out += some * out_stride) {
        some = count < most_rows ? count : most_rows;
        const float *scales = (const float *)(rows + padded);
        for (size_t from = 0, block = 0; from < padded; from += imprag_bytes_block, block++) {
            size_t numbers = padded - from < imprag_bytes_block ? padded - from : imprag_bytes_block;
            panels->multiply[imprag_int8](rows + from, row_bytes, some, panel + from * width, width, numbers / 4, whole,
                                          width, false);
            kernels->scale_products(whole, some, scales + block, row_bytes / sizeof *scales, column_scales,
                                    sums + block * width, out, out_stride, block > 0);
        }
    }
}
