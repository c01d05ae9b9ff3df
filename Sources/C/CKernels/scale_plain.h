/* Int32 sums as floats, in plain C, which the compiler turns into the instructions of the including file. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bytes.h"

static void scale_products(const int32_t *restrict sums, size_t rows, const float *restrict scales, size_t scale_stride,
                           const float *restrict column_scales, const int16_t *restrict weight_sums,
                           float *restrict out, size_t out_stride, bool adds) {
#pragma STDC FP_CONTRACT OFF
    enum { width = imprag_bytes_width };
    int32_t offsets[width];
    for (size_t i = 0; i < width; i++) offsets[i] = 128 * weight_sums[i];
    for (size_t r = 0; r < rows; r++, sums += width, scales += scale_stride, out += out_stride) {
        const float scale = *scales;
        if (adds) {
            for (size_t i = 0; i < width; i++) {
                float part = (float)(sums[i] - offsets[i]) * (scale * column_scales[i]);
                out[i] = out[i] + part;
            }
        } else {
            for (size_t i = 0; i < width; i++) out[i] = (float)(sums[i] - offsets[i]) * (scale * column_scales[i]);
        }
    }
}
