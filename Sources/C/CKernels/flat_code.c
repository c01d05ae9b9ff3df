/* How vectors become codes for the first pass, and how far off those are. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

static size_t padded(size_t count) { return (count + imprag_flat_lanes - 1) / imprag_flat_lanes * imprag_flat_lanes; }

size_t imprag_flat_bytes(size_t count, size_t depth) {
    return padded(count) * ((depth + 1) / 2 * 2 + 2 * sizeof(float));
}

/* Whether no number's magnitude is more than that of `limit`; as bits they are ordered alike, NaN above all. */
static bool is_within(const uint16_t *vector, size_t depth, float limit) {
    uint32_t bits;
    memcpy(&bits, &limit, sizeof bits);
    uint16_t most = 0;
    for (size_t i = 0; i < depth; i++) {
        uint16_t magnitude = vector[i] & 0x7FFF;
        most = magnitude > most ? magnitude : most;
    }
    return most <= bits >> 16;
}

/* Norms of what a row is made of. */
struct norms {
    double vector, residual, code, rest;
};

/* At least the norm, but for rounding: what is added is what squares lose that underflow. */
static double norm(const float *x, size_t depth) {
    return sqrt((double)imprag_kernels()->dot(x, x, depth)) + 1e-22 * sqrt((double)depth);
}

/*
 * Writes one row's codes, 2 * lanes apart, and measures them. room: [3 * depth]. Float arithmetic is off by less than
 * what the caller adds for rounding.
 */
static struct norms code_row(const uint16_t *vector, const float *centre, size_t depth, float *room, float *scale,
                             int8_t *codes) {
    struct norms norms;
    float *residual = room, *coded = room + depth, *rest = room + 2 * depth;
    imprag_kernels()->widen(vector, residual, depth);
    norms.vector = norm(residual, depth);
    for (size_t i = 0; i < depth; i++) residual[i] -= centre[i];
    norms.residual = norm(residual, depth);
    for (size_t i = 0; i < depth; i++) rest[i] = fabsf(residual[i]);
    float largest = imprag_kernels()->highest(rest, depth);
    /* With a smaller one its inverse would overflow; all of the row is rest then. */
    *scale = largest / 127 > 1e-30f ? largest / 127 : 0;
    float inverse = *scale > 0 ? 1 / *scale : 0;
    for (size_t i = 0; i < depth; i++) {
        /* Positive before truncation: rounds to nearest. */
        int32_t code = (int32_t)(residual[i] * inverse + 128.5f) - 128;
        code = code > 127 ? 127 : code < -127 ? -127 : code;
        coded[i] = *scale * (float)code;
        rest[i] = residual[i] - coded[i];
        codes[i / 2 * 2 * imprag_flat_lanes + i % 2] = (int8_t)code;
    }
    norms.code = norm(coded, depth);
    norms.rest = norm(rest, depth);
    return norms;
}

void imprag_flat_code(struct imprag_flat_block *block, float limit) {
    size_t depth = block->depth, pairs = (depth + 1) / 2;
    memset(block->codes, 0, padded(block->count) * pairs * 2);
    memset(block->scales, 0, padded(block->count) * sizeof(float));
    memset(block->slacks, 0, padded(block->count) * sizeof(float));
    float *room = imprag_room(3 * depth * sizeof(float));
    if (room == NULL) abort();
    double centre = norm(block->centre, depth), reach = 0;
    /*
     * A sum of `depth` products is off by at most depth * 2^-24 of the product of the norms, in whatever order it is
     * summed: once for the exact score, once for query . centre. Twice that, and some for the few steps after; and the
     * same for the norms, which are computed alike.
     */
    double rounding = ((double)depth + 64) * 0x1p-22;
    for (size_t v = 0; v < block->count; v++) {
        const uint16_t *vector = block->vectors + v * depth;
        if (!is_within(vector, depth, limit)) {
            block->slacks[v] = INFINITY;
            continue;
        }
        size_t panel = v / imprag_flat_lanes, lane = v % imprag_flat_lanes;
        int8_t *codes = block->codes + (panel * pairs * imprag_flat_lanes + lane) * 2;
        struct norms norms = code_row(vector, block->centre, depth, room, &block->scales[v], codes);
        double all = centre + norms.vector + 2 * norms.residual + norms.code;
        block->slacks[v] = nextafterf((float)(norms.rest * (1 + rounding) + rounding * all), INFINITY);
        reach = norms.code > reach ? norms.code : reach;
    }
    block->reach = nextafterf((float)(reach * (1 + rounding)), INFINITY);
}
