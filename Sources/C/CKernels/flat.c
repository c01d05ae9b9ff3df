/* Some queries' way through blocks: what may be among the best is kept, the rest is forgotten at once. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "flat_tables.h"

/* One query's way. */
struct way {
    float unit, norm;
    float remainder; /* the norm of query - unit * words, at most */
    const float *centre;
    float base; /* query . centre */
    float *lowers; /* a heap of what the best are at least, the lowest on top */
    size_t lower_count, lower_room;
    struct imprag_flat_candidate *candidates;
    size_t found, room;
};

struct imprag_flat_search {
    size_t count, depth, k;
    float *queries; /* [count * depth] */
    int16_t *words; /* [count * pairs * 2] */
    size_t numbers; /* that there is room for in both */
    struct way *ways;
    size_t way_room;
};

enum {
    first_room = 256,
    /* A search that found more gives the memory back. */
    kept_room = 1 << 14,
    /* Panels looked at between two looks at what is known by now; fewer where they would fill a first-level cache. */
    panels_at_once = 4,
    panel_bytes_at_once = 16 << 10,
};

struct imprag_flat_search *imprag_flat_search_create(void) { return calloc(1, sizeof(struct imprag_flat_search)); }

void imprag_flat_search_destroy(struct imprag_flat_search *search) {
    for (size_t q = 0; q < search->way_room; q++) {
        free(search->ways[q].lowers);
        free(search->ways[q].candidates);
    }
    free(search->ways);
    free(search->queries);
    free(search->words);
    free(search);
}

static bool make_room(struct imprag_flat_search *search, size_t count, size_t numbers) {
    if (search->numbers < numbers) {
        free(search->queries);
        free(search->words);
        search->queries = malloc(numbers * sizeof(float));
        search->words = malloc(numbers * sizeof(int16_t));
        search->numbers = search->queries == NULL || search->words == NULL ? 0 : numbers;
        if (search->numbers == 0) return false;
    }
    if (search->way_room < count) {
        struct way *ways = realloc(search->ways, count * sizeof *ways);
        if (ways == NULL) return false;
        memset(ways + search->way_room, 0, (count - search->way_room) * sizeof *ways);
        search->ways = ways;
        search->way_room = count;
    }
    return true;
}

/* The largest word with which no sum of `pairs` pairs of products leaves 32 bits. */
static float word_limit(size_t pairs) {
    double most = (double)INT32_MAX / (127.0 * 2 * (double)pairs);
    return most >= INT16_MAX ? INT16_MAX : (float)floor(most);
}

static void round_query(const float *query, size_t depth, struct way *way, int16_t *words) {
    size_t pairs = (depth + 1) / 2;
    float most = 0, limit = word_limit(pairs);
    for (size_t i = 0; i < depth; i++) most = fabsf(query[i]) > most ? fabsf(query[i]) : most;
    /* Where the unit's inverse would overflow, all of the query is remainder. */
    float unit = most / limit > 1e-30f ? most / limit : 0, inverse = unit > 0 ? 1 / unit : 0;
    words[2 * pairs - 1] = 0;
    for (size_t i = 0; i < depth; i++) {
        int32_t word = (int32_t)(query[i] * inverse + 32768.5f) - 32768;
        words[i] = (int16_t)(word > limit ? limit : word < -limit ? -limit : word);
    }
    double error = ((double)depth + 64) * 0x1p-22;
    double norm = sqrt((double)imprag_kernels()->dot(query, query, depth)) * (1 + error) + 1e-19 * sqrt((double)depth);
    way->unit = unit;
    way->norm = nextafterf((float)norm, INFINITY);
    /* Half a unit a number, and what the conversion adds to that. */
    double remainder = unit > 0 ? 0.51 * unit * sqrt((double)depth) : norm;
    way->remainder = nextafterf((float)remainder, INFINITY);
}

bool imprag_flat_begin(struct imprag_flat_search *search, const float *queries, size_t count, size_t depth, size_t k) {
    size_t width = (depth + 1) / 2 * 2;
    if (!make_room(search, count, count * width)) return false;
    search->count = count;
    search->depth = depth;
    search->k = k;
    memcpy(search->queries, queries, count * depth * sizeof *queries);
    for (size_t q = 0; q < count; q++) {
        struct way *way = &search->ways[q];
        if (way->lower_room < k || way->lower_room > 2 * k + kept_room) {
            free(way->lowers);
            way->lowers = malloc(k * sizeof *way->lowers);
            way->lower_room = way->lowers == NULL ? 0 : k;
            if (way->lowers == NULL) return false;
        }
        if (way->room > kept_room) {
            free(way->candidates);
            way->candidates = NULL;
            way->room = 0;
        }
        way->lower_count = way->found = 0;
        way->centre = NULL;
        round_query(queries + q * depth, depth, way, search->words + q * width);
    }
    return true;
}

/* What a vector must reach to be among the k best. */
static float least(const struct way *way, size_t k) { return way->lower_count == k ? way->lowers[0] : -INFINITY; }

static void learn(struct way *way, size_t k, float lower) {
    float *heap = way->lowers;
    if (!(fabsf(lower) <= 0x1p126f)) return; /* Of a vector that has no code. */
    if (way->lower_count < k) {
        size_t child = way->lower_count++;
        while (child > 0 && lower < heap[(child - 1) / 2]) {
            heap[child] = heap[(child - 1) / 2];
            child = (child - 1) / 2;
        }
        heap[child] = lower;
        return;
    }
    if (!(lower > heap[0])) return;
    size_t parent = 0;
    for (;;) {
        size_t child = 2 * parent + 1;
        if (child >= k) break;
        if (child + 1 < k && heap[child + 1] < heap[child]) child++;
        if (!(heap[child] < lower)) break;
        heap[parent] = heap[child];
        parent = child;
    }
    heap[parent] = lower;
}

/* Forgets the candidates that cannot be among the best any more. */
static void forget(struct way *way, size_t k) {
    float known = least(way, k);
    size_t kept = 0;
    for (size_t i = 0; i < way->found; i++)
        if (way->candidates[i].upper >= known) way->candidates[kept++] = way->candidates[i];
    way->found = kept;
}

static bool have_room(struct way *way, size_t k) {
    if (way->found < way->room) return true;
    forget(way, k);
    if (way->found <= way->room / 2 && way->room > 0) return true;
    size_t room = way->room == 0 ? first_room : 2 * way->room;
    struct imprag_flat_candidate *larger = realloc(way->candidates, room * sizeof *larger);
    if (larger == NULL) return false;
    way->candidates = larger;
    way->room = room;
    return true;
}

/* Takes the near vectors of one panel. `spread`: the part of the bound that is the same for all of the block. */
static bool take(struct way *way, size_t k, const struct imprag_flat_block *block, size_t panel, unsigned near,
                 const float *upper, float spread) {
    for (; near != 0; near &= near - 1) {
        size_t lane = (size_t)__builtin_ctz(near), place = panel * imprag_flat_lanes + lane;
        if (upper[lane] < least(way, k)) continue;
        if (!have_room(way, k)) return false;
        way->candidates[way->found++] = (struct imprag_flat_candidate){
            .upper = upper[lane], .row = block->rows[place], .vector = block->vectors + place * block->depth};
        learn(way, k, upper[lane] - 2 * (way->norm * block->slacks[place] + spread));
    }
    return true;
}

/* Looks at panels that follow each other, for up to four queries. */
static bool look(const struct imprag_flat_kernels *kernels, struct imprag_flat_search *search, size_t from, size_t count,
                 const struct imprag_flat_block *block, size_t first, size_t panels, const uint16_t *allowed) {
    struct imprag_flat_query queries[imprag_flat_queries];
    float upper[imprag_flat_queries * panels_at_once * imprag_flat_lanes], spreads[imprag_flat_queries];
    uint16_t near[imprag_flat_queries * panels_at_once];
    size_t width = (block->depth + 1) / 2 * 2, stride = panels * imprag_flat_lanes;
    for (size_t q = 0; q < count; q++) {
        struct way *way = &search->ways[from + q];
        if (way->centre != block->centre) {
            way->centre = block->centre;
            way->base = imprag_kernels()->dot(search->queries + (from + q) * search->depth, block->centre, block->depth);
        }
        /* Where numbers are so small that products underflow, that is all there is to the bound. */
        spreads[q] = way->remainder * block->reach + 0x1p-110f;
        queries[q] = (struct imprag_flat_query){.words = search->words + (from + q) * width, .unit = way->unit,
                                                .base = way->base + spreads[q], .norm = way->norm,
                                                .least = least(way, search->k)};
    }
    kernels->bound(block, first, panels, queries, count, upper, stride, near);
    for (size_t q = 0; q < count; q++)
        for (size_t p = 0; p < panels; p++)
            if (!take(&search->ways[from + q], search->k, block, first + p, near[q * panels + p] & allowed[first + p],
                      upper + q * stride + p * imprag_flat_lanes, spreads[q]))
                return false;
    return true;
}

bool imprag_flat_scan(const struct imprag_flat_kernels *kernels, struct imprag_flat_search *search,
                      const struct imprag_flat_block *block, size_t first, size_t end, const uint16_t *allowed) {
    size_t bytes = (block->depth + 1) / 2 * 2 * imprag_flat_lanes, most = panels_at_once;
    if (search->count > imprag_flat_queries && most * bytes > panel_bytes_at_once)
        most = bytes > panel_bytes_at_once ? 1 : panel_bytes_at_once / bytes;
    while (first < end) {
        if (allowed[first] == 0) {
            first++;
            continue;
        }
        size_t panels = 1;
        while (panels < most && first + panels < end && allowed[first + panels] != 0) panels++;
        for (size_t q = 0; q < search->count; q += imprag_flat_queries) {
            size_t count = search->count - q < imprag_flat_queries ? search->count - q : imprag_flat_queries;
            if (!look(kernels, search, q, count, block, first, panels, allowed)) return false;
        }
        first += panels;
    }
    return true;
}

static int compare(const void *left, const void *right) {
    const struct imprag_flat_candidate *a = left, *b = right;
    if (a->upper != b->upper) return a->upper > b->upper ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

const struct imprag_flat_candidate *imprag_flat_candidates(struct imprag_flat_search *search, size_t query, size_t *count) {
    struct way *way = &search->ways[query];
    forget(way, search->k);
    if (way->found > 1) qsort(way->candidates, way->found, sizeof *way->candidates, compare);
    *count = way->found;
    return way->candidates;
}

void imprag_flat_score(const struct imprag_flat_search *search, size_t query,
                       const struct imprag_flat_candidate *candidates, size_t count, float *scores) {
    const uint16_t *vectors[imprag_flat_scored];
    for (size_t i = 0; i < count; i++) vectors[i] = candidates[i].vector;
    imprag_kernels()->score_rows(search->queries + query * search->depth, vectors, count, search->depth, scores);
}

size_t imprag_flat_allow(const struct imprag_flat_block *block, const uint64_t *words, size_t bit_count, uint16_t *bits) {
    size_t count = block->count, first = block->rows[0];
    if (!block->is_run) return imprag_select_rows(block->rows, count, words, bit_count, bits);
    /* Rows that follow each other, as nearly always: sixteen bits at a time. */
    size_t total = 0;
    for (size_t p = 0; p * imprag_flat_lanes < count; p++) {
        size_t row = first + p * imprag_flat_lanes, left = count - p * imprag_flat_lanes;
        uint64_t low = row < bit_count ? words[row / 64] >> row % 64 : 0;
        size_t next = (row / 64 + 1) * 64;
        if (row % 64 > 48 && next < bit_count) low |= words[next / 64] << (64 - row % 64);
        unsigned mask = left < imprag_flat_lanes ? (1u << left) - 1 : 0xFFFF;
        bits[p] = (uint16_t)(low & mask);
        total += (size_t)__builtin_popcount(bits[p]);
    }
    return total;
}
