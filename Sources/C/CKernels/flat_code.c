/* How vectors become codes for the first pass, and how far off those are. */

#include <math.h>
#include <string.h>

#include "CKernels.h"

static size_t padded(size_t count) { return (count + imprag_flat_lanes - 1) / imprag_flat_lanes * imprag_flat_lanes; }

size_t imprag_flat_bytes(size_t count, size_t depth) {
    return padded(count) * ((depth + 1) / 2 * 2 + 2 * sizeof(float));
}

static float widened(uint16_t bits) {
    uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof value);
    return value;
}

/* Sums of squares of what a row is made of. */
struct norms {
    double vector, residual, code, rest;
};

/* The largest magnitude of row - centre; NaN or more than `limit` when the row cannot be coded. */
static float largest_residual(const uint16_t *vector, const float *centre, size_t depth, float limit) {
    float most = 0;
    for (size_t i = 0; i < depth; i++) {
        float number = widened(vector[i]);
        if (!(fabsf(number) <= limit)) return NAN;
        float residual = fabsf(number - centre[i]);
        most = residual > most ? residual : most;
    }
    return most;
}

/* Writes one row's codes, 2 * lanes apart, and measures them; the residuals are exact in double precision. */
static struct norms code_row(const uint16_t *vector, const float *centre, size_t depth, float scale, int8_t *codes) {
    struct norms sums = {0};
    float inverse = scale > 0 ? 1 / scale : 0;
    for (size_t i = 0; i < depth; i++) {
        float number = widened(vector[i]);
        double residual = (double)number - (double)centre[i];
        /* Positive before truncation: rounds to nearest. */
        int32_t code = (int32_t)((float)residual * inverse + 128.5f) - 128;
        code = code > 127 ? 127 : code < -127 ? -127 : code;
        codes[i / 2 * 2 * imprag_flat_lanes + i % 2] = (int8_t)code;
        double coded = (double)scale * code, rest = residual - coded;
        sums.vector += (double)number * number;
        sums.residual += residual * residual;
        sums.code += coded * coded;
        sums.rest += rest * rest;
    }
    return sums;
}

void imprag_flat_code(struct imprag_flat_block *block, float limit) {
    size_t depth = block->depth, pairs = (depth + 1) / 2;
    memset(block->codes, 0, padded(block->count) * pairs * 2);
    memset(block->scales, 0, padded(block->count) * sizeof(float));
    memset(block->slacks, 0, padded(block->count) * sizeof(float));
    double centre = 0, reach = 0;
    for (size_t i = 0; i < depth; i++) centre += (double)block->centre[i] * block->centre[i];
    /*
     * A sum of `depth` products is off by at most depth * 2^-24 of the product of the norms, in whatever order it is
     * summed: once for the exact score, once for query . centre. Twice that, and some for the few steps after.
     */
    double rounding = ((double)depth + 64) * 0x1p-22;
    for (size_t v = 0; v < block->count; v++) {
        const uint16_t *vector = block->vectors + v * depth;
        float largest = largest_residual(vector, block->centre, depth, limit);
        if (!(largest <= 2 * limit)) {
            block->slacks[v] = INFINITY;
            continue;
        }
        /* With a smaller one its inverse would overflow; all of the row is rest then. */
        float scale = largest / 127 > 1e-30f ? largest / 127 : 0;
        size_t panel = v / imprag_flat_lanes, lane = v % imprag_flat_lanes;
        int8_t *codes = block->codes + (panel * pairs * imprag_flat_lanes + lane) * 2;
        struct norms sums = code_row(vector, block->centre, depth, scale, codes);
        double norms = sqrt(centre) + sqrt(sums.vector) + 2 * sqrt(sums.residual) + sqrt(sums.code);
        block->scales[v] = scale;
        block->slacks[v] = nextafterf((float)(sqrt(sums.rest) * (1 + 0x1p-20) + rounding * norms), INFINITY);
        reach = sums.code > reach ? sums.code : reach;
    }
    block->reach = nextafterf((float)sqrt(reach), INFINITY);
}
