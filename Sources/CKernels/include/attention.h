#pragma once

#include <stddef.h>

/*
 * Attention of `rows` new tokens of one sequence, in one softmax, to `context_count` tokens that all of them see and to
 * the sequence's own tokens up to themselves: row i sees own tokens 0...first + i.
 *
 * Keys and values are [tokens x width] with head h at columns h * depth; query head j reads key head j / group.
 */
struct imprag_attention {
    const float *queries; /* row i, query head j at queries + i * query_stride + j * depth */
    size_t query_stride;
    size_t rows;
    const float *context_keys, *context_values;
    size_t context_count;
    const float *own_keys, *own_values;
    size_t first;
    size_t width; /* key heads * depth */
    size_t depth; /* head size */
    size_t group; /* query heads a key head */
    float scale;
    float *out; /* row i, query head j at out + i * out_stride + j * depth; overwritten */
    size_t out_stride;
    float *mass; /* NULL, or [query heads x context_count]: the last row's weights on the context; overwritten */
};

/* All rows for the query heads of one key head. Returns 0, or -1 without memory. Key heads may run on several threads. */
int imprag_attend(const struct imprag_attention *job, size_t key_head);

/*
 * Rotates `heads` heads of one token by its position (RoPE, halves i and i + depth / 2): cosines and sines are
 * [depth / 2].
 */
void imprag_rotate(float *x, size_t heads, size_t depth, const float *cosines, const float *sines);

/* x[i] += increment[i]. */
void imprag_add(const float *increment, float *x, size_t count);
