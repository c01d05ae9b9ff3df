/* The reference: the other tables are tested against this one. */

#include "panels_plain.h"
#include "panels_tables.h"

PLAIN(multiply_f32, float, float, float, 1, (float))
PLAIN(multiply_bf16, uint16_t, uint16_t, float, 2, plain_bf16)
PLAIN(multiply_int8, uint8_t, int8_t, int32_t, 4, (int32_t))

const struct imprag_panel_kernels imprag_panels_portable = {"portable", {multiply_f32, multiply_bf16, multiply_int8}};
