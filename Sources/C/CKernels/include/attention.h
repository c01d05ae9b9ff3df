#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "panels.h"

/*
 * Keys and values of 32 tokens of one sequence in one layer, as panels. For each of `heads` key heads:
 *
 *     the keys     a panel of 32 columns, one a token, of `depth` numbers
 *     the values   a panel of `depth` columns (rounded up to 16) of 32 numbers, one a token
 *
 * Places of tokens that are not there yet hold zeros or what a former owner left, which must be finite.
 */
enum { imprag_block_tokens = 32 };

/* Of one layer of a block. */
size_t imprag_block_bytes(enum imprag_number number, size_t heads, size_t depth);

/*
 * Puts one token's keys and values, [heads * depth] numbers of type `given` each, into place `slot` of a layer of a
 * block, whose numbers are of type `number`. Both are float32 or bf16.
 */
void imprag_block_keep(enum imprag_number number, size_t heads, size_t depth, void *layer, size_t slot,
                       enum imprag_number given, const void *keys, const void *values);

/* The inverse: the token's keys and values, in the block's own numbers. */
void imprag_block_recall(enum imprag_number number, size_t heads, size_t depth, const void *layer, size_t slot,
                         void *keys, void *values);

/* Tokens in blocks: block i has tokens 32 * i and on. */
struct imprag_tokens {
    const void *const *blocks; /* each at the first byte of the first layer that it holds */
    size_t count;              /* tokens, from the first block's first on */
};

/*
 * Attention of `rows` new tokens of one sequence, in one softmax, to `part_count` parts that all of them see whole and
 * to the sequence's own tokens up to themselves: row i sees own tokens 0...first + i, or the last `window` of them.
 *
 * Query head j reads key head j / group. Scores, weights and sums of a row are computed in the same order whatever rows
 * are computed beside it, and however many: tokens may come one by one or together, and give the same bits.
 */
struct imprag_attention {
    enum imprag_number number; /* of keys and values; queries and weights are not rounded */
    bool rounds;               /* queries and weights may be rounded to bf16: half of the products */
    size_t heads;              /* key heads */
    size_t depth;              /* head size */
    size_t group;              /* query heads a key head */
    const float *queries;      /* row i, query head j at queries + i * query_stride + j * depth */
    size_t query_stride;
    size_t rows;
    const struct imprag_tokens *parts;
    size_t part_count;
    size_t part_offset; /* of the layer in the parts' blocks, in bytes */
    const void *const *own_blocks;
    size_t own_offset; /* of the layer in the own blocks, in bytes */
    size_t first;
    size_t window; /* own tokens that a row sees, itself included; 0 for all of them */
    float scale;
    float *out; /* row i, query head j at out + i * out_stride + j * depth; overwritten */
    size_t out_stride;
    /*
     * NULL, or [rows from mass_from on][query heads * span_count]: each such row's weights summed over each span of the
     * parts' tokens, which are counted through all parts, each part from a multiple of 32.
     */
    float *mass;
    size_t mass_from;
    const size_t *spans; /* [span_count * 2]: first token, number of tokens */
    size_t span_count;
    /*
     * NULL, or for each key head, `received_stride` apart, [first + rows]: grows by the weights that own tokens get
     * from all rows and the head's query heads, in units of 2^-20. Whole numbers, added atomically: the sums are the
     * same whatever the order, and however the rows come.
     */
    uint64_t *received;
    size_t received_stride;
};

/*
 * Rows from...from + count - 1 for the query heads of one key head. Returns 0, or -1 when memory runs out. Different
 * rows and key heads may run on several threads.
 */
int imprag_attend(const struct imprag_attention *job, size_t key_head, size_t from, size_t count);
