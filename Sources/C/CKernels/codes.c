/* The reference for scanning codes. */

#include <math.h>

#include "code_tables.h"

static int32_t sum_first(const uint8_t *block, size_t bytes, size_t lane, const int8_t *low, const int8_t *high) {
    int32_t sum = 0;
    for (size_t b = 0; b < bytes; b++) {
        uint8_t byte = block[b / 4 * 64 + lane * 4 + b % 4];
        sum += low[b] * (byte & 15) + high[b] * (byte >> 4);
    }
    return sum;
}

static int32_t sum_rest(const uint8_t *code, const int8_t *low, const int8_t *high) {
    int32_t sum = 0;
    for (size_t b = 0; b < imprag_segment_bytes; b++) sum += low[b] * (code[b] & 15) + high[b] * (code[b] >> 4);
    return sum;
}

static size_t scan(const struct imprag_codes *codes, const struct imprag_code_query *query, const uint16_t *allowed,
                   const struct imprag_codes *ahead, float base, float least, float first_least, uint32_t *places,
                   float *estimates, float *firsts) {
    EXACT_STEPS
    size_t found = 0;
    (void)ahead;
    for (size_t i = 0; i < codes->count; i++) {
        if (allowed != NULL && !(allowed[i / 16] >> i % 16 & 1)) continue;
        float scale = imprag_code_scale(codes->scales[i]);
        const uint8_t *block = codes->first + i / 16 * (16 * codes->segment_bytes);
        int32_t sum = sum_first(block, codes->segment_bytes, i % 16, query->low, query->high);
        float value = query->step[0] * (float)sum - query->offset[0];
        float first = scale * value + base, estimate = first;
        if (!(first >= first_least)) continue;
        for (size_t s = 1; s < codes->segments; s++) {
            const uint8_t *code = codes->rest + (i * (codes->segments - 1) + s - 1) * imprag_segment_bytes;
            float more = query->step[s] * (float)sum_rest(code, query->low + 64 * s, query->high + 64 * s) -
                         query->offset[s];
            estimate = scale * more + estimate;
        }
        if (!(estimate >= least)) continue;
        places[found] = (uint32_t)i;
        firsts[found] = first;
        estimates[found++] = estimate;
    }
    return found;
}

const struct imprag_code_kernels imprag_code_kernels_portable = {"portable", scan};

size_t imprag_select_rows(const uint32_t *rows, size_t count, const uint64_t *words, size_t bit_count, uint16_t *bits) {
    size_t total = 0;
    for (size_t from = 0; from < count; from += 16) {
        size_t width = count - from < 16 ? count - from : 16;
        uint16_t chosen_bits = 0;
        for (size_t i = 0; i < width; i++) {
            uint32_t row = rows[from + i];
            if (row < bit_count && words[row / 64] >> row % 64 & 1) chosen_bits |= (uint16_t)(1u << i);
        }
        bits[from / 16] = chosen_bits;
        total += (size_t)__builtin_popcount(chosen_bits);
    }
    return total;
}

size_t imprag_largest_difference(const float *values, const float *subtracted, size_t count) {
    /* The maximum of each piece vectorizes; few pieces are then searched for its place. */
    enum { piece = 64 };
    size_t best = 0;
    float most = -INFINITY;
    for (size_t from = 0; from < count; from += piece) {
        size_t width = count - from < piece ? count - from : piece;
        float highest[8] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY, -INFINITY};
        for (size_t i = 0; i < width; i++) {
            float difference = values[from + i] - subtracted[from + i];
            highest[i % 8] = difference > highest[i % 8] ? difference : highest[i % 8];
        }
        float here = highest[0];
        for (size_t i = 1; i < 8; i++) here = highest[i] > here ? highest[i] : here;
        if (!(here > most)) continue;
        most = here;
        for (size_t i = 0; i < width; i++) {
            if (values[from + i] - subtracted[from + i] == here) {
                best = from + i;
                break;
            }
        }
    }
    return best;
}
