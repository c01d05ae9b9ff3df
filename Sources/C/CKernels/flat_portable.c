/* The first pass in plain C: what the other levels are tested against. */

#include "flat_tables.h"

static void bound(const struct imprag_flat_block *block, size_t first, size_t panels,
                  const struct imprag_flat_query *queries, size_t count, float *upper, size_t stride, uint16_t *near) {
    SEPARATE_STEPS
    size_t pairs = (block->depth + 1) / 2;
    for (size_t p = 0; p < panels; p++) {
        const int8_t *codes = block->codes + (first + p) * pairs * 2 * imprag_flat_lanes;
        const float *scales = block->scales + (first + p) * imprag_flat_lanes;
        const float *slacks = block->slacks + (first + p) * imprag_flat_lanes;
        for (size_t q = 0; q < count; q++) {
            int32_t sums[imprag_flat_lanes] = {0};
            for (size_t i = 0; i < pairs; i++) {
                const int8_t *pair = codes + i * 2 * imprag_flat_lanes;
                int32_t low = queries[q].words[2 * i], high = queries[q].words[2 * i + 1];
                for (size_t v = 0; v < imprag_flat_lanes; v++) sums[v] += low * pair[2 * v] + high * pair[2 * v + 1];
            }
            unsigned reached = 0;
            for (size_t v = 0; v < imprag_flat_lanes; v++) {
                float product = scales[v] * (queries[q].unit * (float)sums[v]);
                float most = (queries[q].base + product) + queries[q].norm * slacks[v];
                upper[q * stride + p * imprag_flat_lanes + v] = most;
                reached |= (unsigned)(most >= queries[q].least) << v;
            }
            near[q * panels + p] = (uint16_t)reached;
        }
    }
}

const struct imprag_flat_kernels imprag_flat_kernels_portable = {"portable", bound};
