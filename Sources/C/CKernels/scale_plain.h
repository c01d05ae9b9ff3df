/* Int32 sums as floats, in plain C, which the compiler turns into the instructions of the including file. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static void scale_products(void *raw, float row_scale, const float *column_scales, const int32_t *offsets, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int32_t sum;
        memcpy(&sum, (char *)raw + 4 * i, 4);
        float scaled = (float)(sum - offsets[i]) * (row_scale * column_scales[i]);
        memcpy((char *)raw + 4 * i, &scaled, 4);
    }
}
