/*
 * The nearest centroids, in plain C, which the compiler turns into the instructions of the including file: the same
 * bits at every level.
 */

#include <math.h>
#include <stddef.h>
#include <stdint.h>

static void nearest(const float *rows, size_t count, size_t stride, const float *centroids, const float *halves,
                    uint8_t *codes) {
#pragma STDC FP_CONTRACT OFF
    enum { all = imprag_centroids, lanes = 32 };
    for (size_t r = 0; r < count; r++, rows += stride) {
        float scores[all], most[lanes];
        for (size_t c = 0; c < all; c++)
            scores[c] = rows[0] * centroids[c] + rows[1] * centroids[all + c] + rows[2] * centroids[2 * all + c] +
                        rows[3] * centroids[3 * all + c] - halves[c];
        for (size_t i = 0; i < lanes; i++) most[i] = -INFINITY;
        for (size_t c = 0; c < all; c += lanes)
            for (size_t i = 0; i < lanes; i++) most[i] = scores[c + i] > most[i] ? scores[c + i] : most[i];
        for (size_t i = 1; i < lanes; i++) most[0] = most[i] > most[0] ? most[i] : most[0];
        int32_t lowest = all;
        for (int32_t c = 0; c < all; c++) {
            int32_t place = scores[c] == most[0] ? c : all;
            lowest = place < lowest ? place : lowest;
        }
        codes[r] = lowest < all ? (uint8_t)lowest : 0;
    }
}
