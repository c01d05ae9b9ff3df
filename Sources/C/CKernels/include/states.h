#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "panels.h"

/*
 * Stored keys and values of one layer on their way into blocks (attention.h). In the bytes one head follows another,
 * each with its keys by channel, [depth][count], and then its values by token, [count][depth]: neighbours there are
 * neighbours in a block, so that most of the work is whole rows.
 *
 *     bf16    little-endian
 *     int8    keys: [depth] scales, bf16, then the numbers; values: [count] scales, then the numbers
 *     codes   keys: [depth / 4][count]; values: [count][depth / 4]; a byte stands for four numbers of a codebook
 *
 * A number is an exact integer or bf16 number, at most one product and one sum away from the bytes: the same bits on
 * every processor.
 */
struct imprag_state_place {
    enum imprag_number number; /* of the blocks: float32 or bf16 */
    size_t heads, depth, count;
    const void *const *blocks; /* room for `count` tokens; written to */
    size_t offset;             /* of the layer in each block, in bytes */
};

/*
 * What the codes of one layer's keys, or of its values, mean: number d of a head's vector is
 *
 *     means[head][d] + scales[d] * sum over k of basis[d][k] * centroids[k / 4][code k / 4][k % 4]
 */
struct imprag_codebook {
    const int8_t *centroids;   /* [depth / 4][256][4] */
    const uint8_t *basis_rows; /* [depth + 1][depth]: 128 + basis, then a row of ones */
    const int8_t *basis_panel; /* a panel of depth columns, rounded up to 16 */
    const int32_t *offsets;    /* [columns of the panel]: 128 * sum over k of basis[d][k] */
    const float *scales;       /* [depth] */
    const float *means;        /* [heads][depth] */
};

/*
 * Each decodes a layer of `count` tokens into its blocks. False for numbers or scales that are not finite, or when
 * memory runs out; the blocks' contents are then undefined.
 */
bool imprag_place_bf16(const struct imprag_state_place *place, const uint8_t *bytes);
bool imprag_place_int8(const struct imprag_state_place *place, const uint8_t *bytes);
bool imprag_place_codes(const struct imprag_state_place *place, const uint8_t *bytes, const struct imprag_codebook *keys,
                        const struct imprag_codebook *values);
