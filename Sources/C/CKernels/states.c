#include "states.h"

#include <string.h>

#include "CKernels.h"
#include "blocks.h"

/* Scratch memory for one head: the decoded floats, the same in bf16, and what a codec needs besides. */
struct head {
    size_t columns;     /* tokens, rounded up to whole blocks: from one channel of `keys` to the next */
    size_t value_width; /* of a block's values */
    float *keys;        /* [depth][columns] */
    float *values;      /* [count][depth] */
    uint16_t *narrow;   /* [depth][columns], or [count + 1][depth] */
    char *rest;
};

static bool make_room(const struct imprag_state_place *place, size_t rest, struct head *head) {
    size_t columns = rounded(place->count, imprag_block_tokens), width = head_layout(place->number, place->depth).value_width;
    size_t numbers = rounded((columns + 1) * width, 16);
    char *room = imprag_room(numbers * (2 * sizeof(float) + sizeof(uint16_t)) + rest);
    if (room == NULL) return false;
    *head = (struct head){.columns = columns, .value_width = width, .keys = (float *)room};
    head->values = head->keys + numbers;
    head->narrow = (uint16_t *)(head->values + numbers);
    head->rest = (char *)(head->narrow + numbers);
    return true;
}

static void interleave(const uint16_t *restrict even, const uint16_t *restrict odd, size_t count, uint16_t *restrict out) {
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = even[i];
        out[2 * i + 1] = odd[i];
    }
}

static void place_f32(const struct imprag_state_place *place, const struct head *head, size_t block, size_t tokens,
                      float *keys, float *values) {
    size_t first = block * imprag_block_tokens, depth = place->depth;
    for (size_t d = 0; d < depth; d++)
        memcpy(keys + d * imprag_block_tokens, head->keys + d * head->columns + first, tokens * sizeof *keys);
    for (size_t t = 0; t < tokens; t++)
        memcpy(values + t * head->value_width, head->values + (first + t) * depth, depth * sizeof *values);
}

/* Puts the floats of one head into all blocks. */
static void place_head(const struct imprag_state_place *place, struct head *head, size_t index) {
    void (*narrow)(const float *, uint16_t *, size_t) = imprag_kernels()->narrow;
    size_t depth = place->depth, blocks = head->columns / imprag_block_tokens;
    struct head_layout layout = head_layout(place->number, depth);
    size_t offset = place->offset + index * layout.whole;
    if (place->number == imprag_f32) {
        for (size_t b = 0; b < blocks; b++) {
            size_t left = place->count - b * imprag_block_tokens;
            char *base = (char *)place->blocks[b] + offset;
            place_f32(place, head, b, left < imprag_block_tokens ? left : imprag_block_tokens, (float *)base,
                      (float *)(base + layout.keys));
        }
        return;
    }
    for (size_t d = 0; d < depth; d++)
        narrow(head->keys + d * head->columns, head->narrow + d * head->columns, place->count);
    for (size_t b = 0; b < blocks; b++) {
        size_t first = b * imprag_block_tokens, left = place->count - first;
        size_t tokens = left < imprag_block_tokens ? left : imprag_block_tokens;
        uint16_t *keys = (uint16_t *)((char *)place->blocks[b] + offset);
        const uint16_t *from = head->narrow + first;
        for (size_t d = 0; d < depth; d += 2, keys += 2 * imprag_block_tokens, from += 2 * head->columns) {
            const uint16_t *odd = d + 1 < depth ? from + head->columns : from;
            if (tokens == imprag_block_tokens)
                interleave(from, odd, imprag_block_tokens, keys);
            else
                interleave(from, odd, tokens, keys);
        }
    }
    narrow(head->values, head->narrow, place->count * depth);
    memset(head->narrow + place->count * depth, 0, depth * sizeof *head->narrow);
    for (size_t t = 0; t < place->count; t += 2) {
        char *base = (char *)place->blocks[t / imprag_block_tokens] + offset + layout.keys;
        uint16_t *values = (uint16_t *)base + t % imprag_block_tokens * head->value_width;
        interleave(head->narrow + t * depth, head->narrow + (t + 1) * depth, depth, values);
    }
}

/* `count` bf16 numbers from bytes of any alignment. */
static bool widen(const uint8_t *bytes, size_t count, uint16_t *narrow, float *out) {
    memcpy(narrow, bytes, count * sizeof *narrow);
    int endless = 0;
    for (size_t i = 0; i < count; i++) endless |= (narrow[i] & 0x7F80) == 0x7F80;
    imprag_kernels()->widen(narrow, out, count);
    return !endless;
}

static bool widen_all(const struct imprag_state_place *place, const uint8_t *bytes) {
    struct head head;
    if (!make_room(place, 0, &head)) return false;
    size_t numbers = place->depth * place->count;
    for (size_t h = 0; h < place->heads; h++) {
        for (size_t d = 0; d < place->depth; d++, bytes += place->count * 2)
            if (!widen(bytes, place->count, head.narrow, head.keys + d * head.columns)) return false;
        if (!widen(bytes, numbers, head.narrow, head.values)) return false;
        bytes += numbers * 2;
        place_head(place, &head, h);
    }
    return true;
}

/*
 * Two rows of `count` bf16 numbers into every other place of one. Returns a number whose bit 15 says that one of them is
 * not finite.
 */
static uint16_t interleave_bytes(const uint8_t *restrict even, const uint8_t *restrict odd, size_t count,
                                 uint8_t *restrict out) {
    uint16_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        uint16_t pair[2];
        memcpy(pair, even + 2 * i, sizeof *pair);
        memcpy(pair + 1, odd + 2 * i, sizeof *pair);
        /* Only an exponent of ones overflows into bit 15. */
        seen |= (uint16_t)((pair[0] & 0x7F80) + 0x80) | (uint16_t)((pair[1] & 0x7F80) + 0x80);
        memcpy(out + sizeof pair * i, pair, sizeof pair);
    }
    return seen;
}

/* Into blocks of bf16, numbers only change their places: none of them is ever a float. */
static bool place_unchanged(const struct imprag_state_place *place, const uint8_t *bytes) {
    struct head_layout layout = head_layout(place->number, place->depth);
    size_t depth = place->depth, count = place->count;
    uint16_t seen = 0;
    /* What stands beside the last of an odd number of tokens. */
    uint8_t *zeros = imprag_room(2 * depth);
    if (zeros == NULL) return false;
    memset(zeros, 0, 2 * depth);
    for (size_t h = 0; h < place->heads; h++, bytes += 4 * depth * count) {
        size_t offset = place->offset + h * layout.whole;
        const uint8_t *values = bytes + 2 * depth * count;
        for (size_t first = 0; first < count; first += imprag_block_tokens) {
            size_t left = count - first, tokens = left < imprag_block_tokens ? left : imprag_block_tokens;
            uint8_t *base = (uint8_t *)place->blocks[first / imprag_block_tokens] + offset;
            for (size_t d = 0; d < depth; d += 2) {
                const uint8_t *even = bytes + 2 * (d * count + first), *odd = d + 1 < depth ? even + 2 * count : even;
                seen |= interleave_bytes(even, odd, tokens, base + d / 2 * imprag_block_tokens * 4);
            }
            for (size_t t = 0; t < tokens; t += 2) {
                const uint8_t *even = values + 2 * depth * (first + t), *odd = t + 1 < tokens ? even + 2 * depth : zeros;
                seen |= interleave_bytes(even, odd, depth, base + layout.keys + t * layout.value_width * 2);
            }
        }
    }
    return (seen & 0x8000) == 0;
}

bool imprag_place_bf16(const struct imprag_state_place *place, const uint8_t *bytes) {
    return place->number == imprag_bf16 ? place_unchanged(place, bytes) : widen_all(place, bytes);
}

/*
 * Rows of `count` whole numbers with a scale each. Returns the byte behind them; NULL for a scale of 2^121 or more, so
 * that products are finite.
 */
static const uint8_t *scale_rows(const uint8_t *bytes, size_t rows, size_t count, float *out, size_t stride) {
    const uint8_t *numbers = bytes + 2 * rows;
    for (size_t r = 0; r < rows; r++, numbers += count, out += stride) {
        uint32_t bits = (uint32_t)bytes[2 * r] << 16 | (uint32_t)bytes[2 * r + 1] << 24;
        if ((bits & 0x7F800000) >= 0x7C000000) return NULL;
        float scale;
        memcpy(&scale, &bits, sizeof scale);
        imprag_kernels()->scale_bytes((const int8_t *)numbers, scale, out, count);
    }
    return numbers;
}

bool imprag_place_int8(const struct imprag_state_place *place, const uint8_t *bytes) {
    struct head head;
    if (!make_room(place, 0, &head)) return false;
    for (size_t h = 0; h < place->heads; h++) {
        bytes = scale_rows(bytes, place->depth, place->count, head.keys, head.columns);
        if (bytes == NULL) return false;
        bytes = scale_rows(bytes, place->count, place->depth, head.values, place->depth);
        if (bytes == NULL) return false;
        place_head(place, &head, h);
    }
    return true;
}

/* One head's keys: tokens are the columns of a panel of centroids. Returns the byte behind the codes. */
static const uint8_t *decode_keys(const struct imprag_codebook *book, const uint8_t *bytes, size_t depth, size_t count,
                                  const float *means, uint32_t *words, int32_t *sums, const struct head *head) {
    size_t groups = depth / 4, columns = head->columns;
    for (size_t g = 0; g < groups; g++, bytes += count) {
        const int8_t *table = book->centroids + g * 1024;
        uint32_t *row = words + g * columns;
        for (size_t t = 0; t < count; t++) memcpy(row + t, table + 4 * bytes[t], 4);
        memset(row + count, 0, (columns - count) * 4);
    }
    imprag_panel_kernels()->multiply[imprag_int8](book->basis_rows, depth, depth + 1, words, columns, groups, sums, columns,
                                                  false);
    const int32_t *token_sums = sums + depth * columns;
    for (size_t d = 0; d < depth; d++) {
        float *out = head->keys + d * columns;
        imprag_kernels()->scale_keys(sums + d * columns, token_sums, book->scales[d], means[d], out, count);
    }
    return bytes;
}

/* One head's values: tokens are rows of centroids, moved into 0...255. Returns the byte behind the codes. */
static const uint8_t *decode_values(const struct imprag_codebook *book, const uint8_t *bytes, size_t depth, size_t count,
                                    const float *means, uint32_t *words, int32_t *sums, const struct head *head) {
    size_t groups = depth / 4, width = rounded(depth, 16);
    for (size_t t = 0; t < count; t++, bytes += groups) {
        uint32_t *row = words + t * groups;
        for (size_t g = 0; g < groups; g++) {
            memcpy(row + g, book->centroids + g * 1024 + 4 * bytes[g], 4);
            row[g] ^= 0x80808080;
        }
    }
    imprag_panel_kernels()->multiply[imprag_int8](words, depth, count, book->basis_panel, width, groups, sums, width, false);
    for (size_t t = 0; t < count; t++) {
        float *out = head->values + t * depth;
        imprag_kernels()->scale_values(sums + t * width, book->offsets, book->scales, means, out, depth);
    }
    return bytes;
}

bool imprag_place_codes(const struct imprag_state_place *place, const uint8_t *bytes, const struct imprag_codebook *keys,
                        const struct imprag_codebook *values) {
    size_t depth = place->depth, count = place->count;
    size_t columns = rounded(count, imprag_block_tokens), width = rounded(depth, 16);
    size_t words_bytes = rounded(columns * depth, 64);
    struct head head;
    if (!make_room(place, words_bytes + (columns * (width + 1)) * sizeof(int32_t), &head)) return false;
    uint32_t *words = (uint32_t *)head.rest;
    int32_t *sums = (int32_t *)(head.rest + words_bytes);
    for (size_t h = 0; h < place->heads; h++) {
        bytes = decode_keys(keys, bytes, depth, count, keys->means + h * depth, words, sums, &head);
        bytes = decode_values(values, bytes, depth, count, values->means + h * depth, words, sums, &head);
        place_head(place, &head, h);
    }
    return true;
}
