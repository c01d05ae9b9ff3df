/* One query's way through lists: what the scans of single chunks find, kept while it may be among the best. */

#include <math.h>
#include <string.h>

#include "code_tables.h"

/* The k-th best estimate, or what must be beaten without one. */
static float least_of_best(const struct imprag_list_scan *scan) {
    return scan->heap_count == scan->k && scan->heap[0] > scan->floor ? scan->heap[0] : scan->floor;
}

static void enter(struct imprag_list_scan *scan, float estimate) {
    float *heap = scan->heap;
    if (scan->heap_count < scan->k) {
        size_t child = scan->heap_count++;
        while (child > 0 && estimate < heap[(child - 1) / 2]) {
            heap[child] = heap[(child - 1) / 2];
            child = (child - 1) / 2;
        }
        heap[child] = estimate;
        return;
    }
    if (!(estimate > heap[0])) return;
    size_t parent = 0;
    for (;;) {
        size_t child = 2 * parent + 1;
        if (child >= scan->k) break;
        if (child + 1 < scan->k && heap[child + 1] < heap[child]) child++;
        if (!(heap[child] < estimate)) break;
        heap[parent] = heap[child];
        parent = child;
    }
    heap[parent] = estimate;
}

static int is_live(const struct imprag_list_scan *scan, uint32_t row) {
    return row < scan->live_bits && (scan->live[row / 64] >> row % 64 & 1);
}

static void scan_chunk(const struct imprag_code_kernels *kernels, struct imprag_list_scan *scan,
                       const struct imprag_codes *codes, const struct imprag_codes *ahead, float base) {
    const uint16_t *allowed = NULL;
    scan->scanned += codes->count;
    if (scan->live_are_few) {
        size_t selected = imprag_select_rows(codes->rows, codes->count, scan->live, scan->live_bits, scan->bits);
        scan->selected += selected;
        if (selected == 0) return;
        allowed = scan->bits;
    }
    float least = least_of_best(scan);
    uint32_t *rows = scan->rows + scan->found;
    float *estimates = scan->estimates + scan->found, *firsts = scan->firsts + scan->found;
    size_t found = kernels->scan(codes, scan->query, allowed, ahead, base, least - scan->band, least - scan->first_band,
                                 scan->places, estimates, firsts);
    /* Where a row's bit is follows no order, and memory is slow: all of them are asked for before the first is used. */
    for (size_t i = 0; i < found; i++) {
        rows[i] = codes->rows[scan->places[i]];
        if (rows[i] < scan->live_bits) __builtin_prefetch(&scan->live[rows[i] / 64]);
    }
    size_t kept = 0;
    for (size_t i = 0; i < found; i++) {
        uint32_t row = rows[i];
        if (!scan->live_are_few && !is_live(scan, row)) continue;
        rows[kept] = row;
        estimates[kept] = estimates[i];
        firsts[kept++] = firsts[i];
        enter(scan, estimates[i]);
    }
    scan->found += kept;
}

size_t imprag_scan_lists(const struct imprag_code_kernels *kernels, struct imprag_list_scan *scan, const uint32_t *lists,
                         const float *bases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        uint32_t first = scan->starts[lists[i]], end = scan->starts[lists[i] + 1];
        size_t vectors = 0;
        for (uint32_t c = first; c < end; c++) vectors += scan->chunks[c].count;
        if (scan->room - scan->found < vectors) {
            /* Most of what was found early is below what is known by now. */
            imprag_scan_finish(scan);
            if (scan->room - scan->found < vectors) return i;
        }
        for (uint32_t c = first; c < end; c++) {
            const struct imprag_codes *ahead = c + 1 < end ? &scan->chunks[c + 1] : NULL;
            if (ahead == NULL && i + 1 < count && scan->starts[lists[i + 1]] < scan->starts[lists[i + 1] + 1])
                ahead = &scan->chunks[scan->starts[lists[i + 1]]];
            scan_chunk(kernels, scan, &scan->chunks[c], ahead, bases[i]);
        }
    }
    return count;
}

void imprag_scan_learn(struct imprag_list_scan *scan, const float *estimates, size_t count) {
    for (size_t i = 0; i < count; i++) enter(scan, estimates[i]);
}

void imprag_scan_finish(struct imprag_list_scan *scan) {
    float least = least_of_best(scan) - scan->band;
    size_t kept = 0;
    for (size_t i = 0; i < scan->found; i++) {
        if (!(scan->estimates[i] >= least)) continue;
        scan->rows[kept] = scan->rows[i];
        scan->firsts[kept] = scan->firsts[i];
        scan->estimates[kept++] = scan->estimates[i];
    }
    scan->found = kept;
}

/* Keys order as scores do, descending, and equal ones as places, ascending. */
static uint64_t key_of(float score, size_t place) {
    uint32_t bits;
    memcpy(&bits, &score, sizeof bits);
    bits = bits & 0x80000000u ? ~bits : bits | 0x80000000u;
    return (uint64_t)~bits << 32 | (uint32_t)place;
}

static void sort_keys(uint64_t *keys, size_t count) {
    /* Shell's sort with Ciura's gaps: the few hundred keys of a search need no more. */
    static const size_t gaps[] = {65921, 29233, 12961, 5743, 2557, 1113, 511, 239, 57, 23, 10, 4, 1};
    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++) {
        size_t gap = gaps[g];
        for (size_t i = gap; i < count; i++) {
            uint64_t key = keys[i];
            size_t j = i;
            for (; j >= gap && keys[j - gap] > key; j -= gap) keys[j] = keys[j - gap];
            keys[j] = key;
        }
    }
}

/* The upper quantile of the normal distribution for a share `p` <= 0.5; Abramowitz and Stegun, 26.2.23. */
static float upper_quantile(float p) {
    float t = sqrtf(-2 * logf(p));
    return t - (2.515517f + t * (0.802853f + t * 0.010328f)) / (1 + t * (1.432788f + t * (0.189269f + t * 0.001308f)));
}

/*
 * Keys of the scores above a bound that three times the wanted number would exceed if scores were normally distributed.
 * Returns their number; takes all scores where fewer than wanted exceed it, or where so many are wanted that it does
 * not pay.
 */
static size_t likely_keys(const float *scores, size_t count, size_t wanted, uint64_t *keys) {
    size_t kept = 0;
    float share = 3 * (float)wanted / (float)count;
    if (count >= 256 && wanted > 0 && share < 0.5f) {
        /* Sixteen sums at a time, from the first score on, which keeps the squares small. */
        float sums[16] = {0}, squares[16] = {0}, first = scores[0], sum = 0, square = 0;
        size_t whole = count / 16 * 16;
        for (size_t i = 0; i < whole; i += 16) {
            for (size_t k = 0; k < 16; k++) {
                float score = scores[i + k] - first;
                sums[k] += score;
                squares[k] += score * score;
            }
        }
        for (size_t k = 0; k < 16; k++) {
            sum += sums[k];
            square += squares[k];
        }
        float mean = sum / (float)whole;
        float variance = square / (float)whole - mean * mean;
        float bound = first + mean + upper_quantile(share) * sqrtf(variance > 0 ? variance : 0);
        for (size_t i = 0; i < count; i++) {
            keys[kept] = i;
            kept += scores[i] >= bound;
        }
        if (kept >= wanted) {
            for (size_t i = 0; i < kept; i++) keys[i] = key_of(scores[keys[i]], (size_t)keys[i]);
            return kept;
        }
    }
    for (size_t i = 0; i < count; i++) keys[i] = key_of(scores[i], i);
    return count;
}

void imprag_select_largest(const float *scores, size_t count, size_t wanted, uint64_t *keys, uint32_t *order) {
    if (wanted > count) wanted = count;
    count = likely_keys(scores, count, wanted, keys);
    /* Hoare's selection: the wanted smallest keys come to the front. */
    size_t low = 0, high = count;
    while (high - low > 1 && wanted > low && wanted < high) {
        uint64_t pivot = keys[low + (high - low) / 2];
        size_t i = low, j = high - 1;
        for (;;) {
            while (keys[i] < pivot) i++;
            while (keys[j] > pivot) j--;
            if (i >= j) break;
            uint64_t swapped = keys[i];
            keys[i++] = keys[j];
            keys[j--] = swapped;
        }
        /* Keys differ, so the pivot separates: everything before `i` is smaller or the pivot itself. */
        size_t middle = keys[i] < pivot || (i == j && keys[i] == pivot) ? i + 1 : i;
        if (middle <= low) middle = low + 1;
        if (middle >= high) middle = high - 1;
        if (wanted < middle) high = middle;
        else low = middle;
    }
    sort_keys(keys, wanted);
    for (size_t i = 0; i < wanted; i++) order[i] = (uint32_t)keys[i];
}

void imprag_add_scaled(const float *scores, const float *added, float factor, size_t count, float *sums) {
    for (size_t i = 0; i < count; i++) sums[i] = scores[i] + factor * added[i];
}

void imprag_bound_ranks(const struct imprag_rank_terms *terms, size_t count, float *lower, float *upper) {
    const float *parts = terms->parts, *spreads = terms->spreads, *rests = terms->rests, *norms = terms->norms;
    float spread = terms->spread, rest = terms->rest, slack = terms->slack, rounding = terms->rounding;
    for (size_t i = 0; i < count; i++) {
        float middle = parts[i] + spread * spreads[i];
        float width = rest * rests[i] + slack * norms[i] + rounding * fabsf(spreads[i]);
        lower[i] = middle - width;
        upper[i] = middle + width;
    }
}

size_t imprag_places_from(const float *scores, size_t count, float least, uint32_t *places) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        places[kept] = (uint32_t)i;
        kept += !(scores[i] < least);
    }
    return kept;
}
