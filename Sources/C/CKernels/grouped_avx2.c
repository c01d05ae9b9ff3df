/*
 * AVX2: VPMADDUBSW multiplies 4-bit numbers, which have no sign, with the rows' bytes. A pair of products is at most
 * 2 * 15 * 127, and the 8 pairs of a group that meet in one lane stay below 2^15; VPMADDWD then multiplies by the
 * group's multiplier and widens at once.
 */

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

#include "grouped_tables.h"

#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)") for

enum { outputs = imprag_strip_outputs, of_group = imprag_group_columns, vectors = 2, most_rows = 4, few_rows = 16 };

INLINE __m256i load(const void *p) { return _mm256_loadu_si256(p); }
INLINE __m256i four(const void *p) {
    int32_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    return _mm256_set1_epi32(bytes);
}

/* The 16-bit pairs (m, m) of eight bytes. */
INLINE __m256i doubled(const uint8_t *p) {
    int64_t bytes;
    memcpy(&bytes, p, sizeof bytes);
    const __m256i places = _mm256_setr_epi8(0, -1, 0, -1, 1, -1, 1, -1, 2, -1, 2, -1, 3, -1, 3, -1,
                                            4, -1, 4, -1, 5, -1, 5, -1, 6, -1, 6, -1, 7, -1, 7, -1);
    return _mm256_shuffle_epi8(_mm256_set1_epi64x(bytes), places);
}

INLINE __m256 times(__m256i whole, const float *scale) {
    return _mm256_mul_ps(_mm256_cvtepi32_ps(whole), _mm256_loadu_ps(scale));
}

INLINE const void *sums_of(const int8_t *row, size_t groups) { return row + groups * of_group; }
INLINE float scale_of(const int8_t *row, size_t groups, size_t block) {
    float scale;
    memcpy(&scale, (const char *)sums_of(row, groups) + groups * sizeof(int16_t) + block * sizeof scale, sizeof scale);
    return scale;
}

/* Adds the rows' sums of products with one group's numbers, 16 bits each. */
INLINE void group4(const int8_t *rows, size_t row_bytes, const uint8_t *numbers, __m256i parts[][vectors],
                   const int count, const bool ahead) {
    const __m256i low = _mm256_set1_epi8(15);
    UNROLLED(int r = 0; r < count; r++) UNROLLED(int v = 0; v < vectors; v++) parts[r][v] = _mm256_setzero_si256();
    UNROLLED(int pair = 0; pair < 4; pair++) {
        __m256i first[vectors], second[vectors];
        UNROLLED(int v = 0; v < vectors; v++) {
            __m256i both = load(numbers + (pair * vectors + v) * 32);
            first[v] = _mm256_and_si256(both, low);
            second[v] = _mm256_and_si256(_mm256_srli_epi16(both, 4), low);
        }
        if (ahead) __builtin_prefetch(numbers + pair * vectors * 32 + 4096, 0, 3);
        UNROLLED(int r = 0; r < count; r++) {
            __m256i x = four(rows + r * row_bytes + pair * 8);
            UNROLLED(int v = 0; v < vectors; v++)
                parts[r][v] = _mm256_add_epi16(parts[r][v], _mm256_maddubs_epi16(first[v], x));
            x = four(rows + r * row_bytes + pair * 8 + 4);
            UNROLLED(int v = 0; v < vectors; v++)
                parts[r][v] = _mm256_add_epi16(parts[r][v], _mm256_maddubs_epi16(second[v], x));
        }
    }
}

/* Adds groups from `begin` to `end`, of whole blocks from `block` on; the first of them to nothing. */
INLINE void tile4(const int8_t *rows, size_t row_bytes, const char *block, size_t groups, size_t begin, size_t end,
                  float *out, size_t out_stride, const int count, const int per_scale, const bool ahead) {
    __m256 sums[most_rows][vectors];
    UNROLLED(int r = 0; r < count; r++) UNROLLED(int v = 0; v < vectors; v++)
        sums[r][v] = begin > 0 ? _mm256_loadu_ps(out + r * out_stride + v * 8) : _mm256_setzero_ps();
    for (size_t first = begin; first < end; first += imprag_block_groups) {
        const size_t some = imprag_groups_from(first, groups), own = per_scale == 1 ? some : 1;
        const float *scale = (const float *)block, *minimum = scale + own * outputs;
        const uint8_t *multiplier = (const uint8_t *)(minimum + own * outputs), *offset = multiplier + some * outputs;
        const uint8_t *numbers = offset + some * outputs;
        __m256i whole[most_rows][vectors], least[most_rows][vectors];
        UNROLLED(int r = 0; r < count; r++) UNROLLED(int v = 0; v < vectors; v++)
            whole[r][v] = least[r][v] = _mm256_setzero_si256();
        for (size_t g = 0; g < some; g++) {
            __m256i parts[most_rows][vectors];
            group4(rows + (first + g) * of_group, row_bytes, numbers + g * of_group / 2 * outputs, parts, count, ahead);
            UNROLLED(int v = 0; v < vectors; v++) {
                __m256i by = doubled(multiplier + g * outputs + v * 8);
                UNROLLED(int r = 0; r < count; r++)
                    whole[r][v] = _mm256_add_epi32(whole[r][v], _mm256_madd_epi16(parts[r][v], by));
            }
            /* Offsets stand in pairs; of a pair, `wanted` leaves what this scale is for. */
            if (per_scale != 1 && g % 2 == 0) continue;
            const __m256i wanted = _mm256_set1_epi32(per_scale != 1 ? -1 : g % 2 == 0 ? 0xFFFF : (int)0xFFFF0000u);
            UNROLLED(int v = 0; v < vectors; v++) {
                __m256i by = _mm256_cvtepu8_epi16(_mm_loadu_si128((const void *)(offset + (g / 2 * vectors + v) * 16)));
                UNROLLED(int r = 0; r < count; r++) {
                    const char *pair = (const char *)sums_of(rows + r * row_bytes, groups) + (first + g / 2 * 2) * 2;
                    __m256i x = _mm256_and_si256(four(pair), wanted);
                    least[r][v] = _mm256_add_epi32(least[r][v], _mm256_madd_epi16(by, x));
                }
            }
            if (per_scale != 1 && g + 1 < some) continue;
            const size_t s = per_scale == 1 ? g * outputs : 0;
            UNROLLED(int r = 0; r < count; r++) {
                __m256 by = _mm256_set1_ps(scale_of(rows + r * row_bytes, groups, first / imprag_block_groups));
                UNROLLED(int v = 0; v < vectors; v++) {
                    __m256 high = times(whole[r][v], scale + s + v * 8), low = times(least[r][v], minimum + s + v * 8);
                    __m256 part = _mm256_sub_ps(high, low);
                    sums[r][v] = _mm256_add_ps(sums[r][v], _mm256_mul_ps(part, by));
                    whole[r][v] = least[r][v] = _mm256_setzero_si256();
                }
            }
        }
        block = (const char *)(numbers + some * of_group / 2 * outputs);
    }
    UNROLLED(int r = 0; r < count; r++) UNROLLED(int v = 0; v < vectors; v++)
        _mm256_storeu_ps(out + r * out_stride + v * 8, sums[r][v]);
}

/*
 * Bytes with a sign on both sides: the magnitudes of the weights times the rows with the weights' signs. A pair is at
 * most 2 * 128 * 127.
 */
INLINE void group8(const int8_t *rows, size_t row_bytes, const int8_t *numbers, __m256i whole[][vectors],
                   const int count, const bool ahead) {
    const __m256i ones = _mm256_set1_epi16(1);
    for (int i = 0; i < 8; i++) {
        __m256i weights[vectors], magnitudes[vectors];
        UNROLLED(int v = 0; v < vectors; v++) {
            weights[v] = load(numbers + (i * vectors + v) * 32);
            magnitudes[v] = _mm256_abs_epi8(weights[v]);
        }
        if (ahead) __builtin_prefetch(numbers + i * vectors * 32 + 4096, 0, 3);
        UNROLLED(int r = 0; r < count; r++) {
            __m256i x = four(rows + r * row_bytes + i * 4);
            UNROLLED(int v = 0; v < vectors; v++) {
                __m256i pairs = _mm256_maddubs_epi16(magnitudes[v], _mm256_sign_epi8(x, weights[v]));
                whole[r][v] = _mm256_add_epi32(whole[r][v], _mm256_madd_epi16(pairs, ones));
            }
        }
    }
}

INLINE void tile8(const int8_t *rows, size_t row_bytes, const char *block, size_t groups, size_t begin, size_t end,
                  float *out, size_t out_stride, const int count, const int per_scale, const bool ahead) {
    __m256 sums[most_rows][vectors];
    UNROLLED(int r = 0; r < count; r++) UNROLLED(int v = 0; v < vectors; v++)
        sums[r][v] = begin > 0 ? _mm256_loadu_ps(out + r * out_stride + v * 8) : _mm256_setzero_ps();
    for (size_t first = begin; first < end; first += imprag_block_groups) {
        const size_t some = imprag_groups_from(first, groups), own = per_scale == 1 ? some : 1;
        const float *scale = (const float *)block;
        const int8_t *numbers = (const int8_t *)(scale + own * outputs);
        __m256i whole[most_rows][vectors];
        UNROLLED(int r = 0; r < count; r++) UNROLLED(int v = 0; v < vectors; v++) whole[r][v] = _mm256_setzero_si256();
        for (size_t g = 0; g < some; g++) {
            group8(rows + (first + g) * of_group, row_bytes, numbers + g * of_group * outputs, whole, count, ahead);
            if (per_scale != 1 && g + 1 < some) continue;
            const size_t s = per_scale == 1 ? g * outputs : 0;
            UNROLLED(int r = 0; r < count; r++) {
                __m256 by = _mm256_set1_ps(scale_of(rows + r * row_bytes, groups, first / imprag_block_groups));
                UNROLLED(int v = 0; v < vectors; v++) {
                    sums[r][v] = _mm256_add_ps(sums[r][v], _mm256_mul_ps(times(whole[r][v], scale + s + v * 8), by));
                    whole[r][v] = _mm256_setzero_si256();
                }
            }
        }
        block = (const char *)(numbers + some * of_group * outputs);
    }
    UNROLLED(int r = 0; r < count; r++) UNROLLED(int v = 0; v < vectors; v++)
        _mm256_storeu_ps(out + r * out_stride + v * 8, sums[r][v]);
}

/*
 * The last two tiles are alike, as in panel_tile.h. Few rows wait for memory: they take block after block, of which the
 * first tile fetches ahead while the others only multiply.
 */
#define MULTIPLY(name, tile, bits, per_scale)                                                                        \
    static void name(const int8_t *rows, size_t row_bytes, size_t all, const char *strip, size_t groups, float *out, \
                     size_t out_stride) {                                                                            \
        if (all == 1) return tile(rows, row_bytes, strip, groups, 0, groups, out, out_stride, 1, per_scale, true);   \
        const size_t step = all > most_rows && all <= few_rows ? imprag_block_groups : groups;                       \
        for (size_t from = 0, end; from < groups; from = end, strip += imprag_strip_bytes(bits, step, per_scale)) {  \
            end = groups - from < step ? groups : from + step;                                                       \
            const int8_t *some = rows;                                                                               \
            float *to = out;                                                                                         \
            for (size_t left = all, count; left > 0; left -= count) {                                                \
                count = left <= most_rows ? left : left < 2 * most_rows ? (left + 1) / 2 : most_rows;                \
                if (left == all && all <= few_rows) TILE(tile, per_scale, true) else TILE(tile, per_scale, false)    \
                some += count * row_bytes;                                                                           \
                to += count * out_stride;                                                                            \
            }                                                                                                        \
        }                                                                                                            \
    }
#define TILE(tile, per_scale, ahead)                                                                               \
    switch (count) {                                                                                               \
    case 1: tile(some, row_bytes, strip, groups, from, end, to, out_stride, 1, per_scale, ahead); break;           \
    case 2: tile(some, row_bytes, strip, groups, from, end, to, out_stride, 2, per_scale, ahead); break;           \
    case 3: tile(some, row_bytes, strip, groups, from, end, to, out_stride, 3, per_scale, ahead); break;           \
    default: tile(some, row_bytes, strip, groups, from, end, to, out_stride, 4, per_scale, ahead); break;          \
    }
MULTIPLY(multiply4_of_block, tile4, 4, 8)
MULTIPLY(multiply4_of_group, tile4, 4, 1)
MULTIPLY(multiply8_of_block, tile8, 8, 8)
MULTIPLY(multiply8_of_group, tile8, 8, 1)

static void multiply4(const void *rows, size_t row_bytes, size_t count, const void *strip, size_t groups,
                      size_t per_scale, float *out, size_t out_stride) {
    (per_scale == 1 ? multiply4_of_group : multiply4_of_block)(rows, row_bytes, count, strip, groups, out, out_stride);
}

static void multiply8(const void *rows, size_t row_bytes, size_t count, const void *strip, size_t groups,
                      size_t per_scale, float *out, size_t out_stride) {
    (per_scale == 1 ? multiply8_of_group : multiply8_of_block)(rows, row_bytes, count, strip, groups, out, out_stride);
}

#pragma clang attribute pop

const struct imprag_grouped_kernels imprag_grouped_avx2 = {"avx2", multiply4, multiply8};

#endif
