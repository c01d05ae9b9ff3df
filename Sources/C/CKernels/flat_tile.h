/*
 * The first pass of a level with vectors. The including file defines
 *
 *   LANES                  int32 numbers in a vector; VECTORS, how many vectors a panel's 16 lanes are
 *   SUM, FLOAT             vectors of int32 and of floats
 *   NOTHING                zeros
 *   WIDEN(p)               2 * LANES bytes as 16-bit numbers
 *   SPREAD(p)              two 16-bit numbers in all lanes
 *   ADD_PRODUCTS(s, a, b)  s + the sums of two products each
 *   TO_FLOAT, LOAD, STORE, SET, ADD, MULTIPLY
 *   REACHES(v, least)      one bit a lane: v >= least
 */

#include "flat_tables.h"

static inline __attribute__((always_inline)) void bound_panel(const int8_t *codes, size_t pairs, const float *scales,
                                                              const float *slacks,
                                                              const struct imprag_flat_query *queries, float *upper,
                                                              size_t stride, uint16_t *near, size_t near_stride,
                                                              const int count) {
    SEPARATE_STEPS
    SUM sums[imprag_flat_queries][VECTORS];
    for (int q = 0; q < count; q++)
        for (int v = 0; v < VECTORS; v++) sums[q][v] = NOTHING;
    for (size_t i = 0; i < pairs; i++, codes += 2 * imprag_flat_lanes) {
        SUM wide[VECTORS];
        for (int v = 0; v < VECTORS; v++) wide[v] = WIDEN(codes + v * 2 * LANES);
        for (int q = 0; q < count; q++) {
            SUM pair = SPREAD(queries[q].words + 2 * i);
            for (int v = 0; v < VECTORS; v++) sums[q][v] = ADD_PRODUCTS(sums[q][v], wide[v], pair);
        }
    }
    for (int q = 0; q < count; q++) {
        unsigned reached = 0;
        for (int v = 0; v < VECTORS; v++) {
            FLOAT product = MULTIPLY(LOAD(scales + v * LANES), MULTIPLY(SET(queries[q].unit), TO_FLOAT(sums[q][v])));
            FLOAT slack = MULTIPLY(SET(queries[q].norm), LOAD(slacks + v * LANES));
            FLOAT most = ADD(ADD(SET(queries[q].base), product), slack);
            STORE(upper + (size_t)q * stride + v * LANES, most);
            reached |= (unsigned)REACHES(most, SET(queries[q].least)) << (v * LANES);
        }
        near[(size_t)q * near_stride] = (uint16_t)reached;
    }
}

static void bound(const struct imprag_flat_block *block, size_t first, size_t panels,
                  const struct imprag_flat_query *queries, size_t count, float *upper, size_t stride, uint16_t *near) {
    size_t pairs = (block->depth + 1) / 2;
    for (size_t p = 0; p < panels; p++, upper += imprag_flat_lanes) {
        const int8_t *codes = block->codes + (first + p) * pairs * 2 * imprag_flat_lanes;
        const float *scales = block->scales + (first + p) * imprag_flat_lanes;
        const float *slacks = block->slacks + (first + p) * imprag_flat_lanes;
        switch (count) {
        case 1: bound_panel(codes, pairs, scales, slacks, queries, upper, stride, near + p, panels, 1); break;
        case 2: bound_panel(codes, pairs, scales, slacks, queries, upper, stride, near + p, panels, 2); break;
        case 3: bound_panel(codes, pairs, scales, slacks, queries, upper, stride, near + p, panels, 3); break;
        default: bound_panel(codes, pairs, scales, slacks, queries, upper, stride, near + p, panels, 4); break;
        }
    }
}
