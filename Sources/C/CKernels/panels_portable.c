/* The reference: the other tables are tested against this one. */

#include "panels_plain.h"
#include "panels_tables.h"

PLAIN(multiply_f32, float, float, float, 1, (float), (float))
PLAIN(multiply_bf16, float, uint16_t, float, 2, (float), plain_bf16)
PLAIN(multiply_int8, uint8_t, int8_t, int32_t, 4, (int32_t), (int32_t))

PLAIN_PEAK(peak_f32, multiply_f32, float, float, float, 1)
PLAIN_PEAK(peak_bf16, multiply_bf16, float, uint16_t, float, 2)
PLAIN_PEAK(peak_int8, multiply_int8, uint8_t, int8_t, int32_t, 4)

const struct imprag_panel_kernels imprag_panels_portable = {
    "portable", imprag_f32, {multiply_f32, multiply_bf16, multiply_int8}, {peak_f32, peak_bf16, peak_int8}};
