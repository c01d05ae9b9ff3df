/*
 * Every level of kernels that this processor runs against the portable one, at sizes around every vector and tile: bit
 * for bit, or within rounding for sums over a row's lanes, which have another order. Then blocks of states and attention
 * at the chosen level, alone where IMPRAG_KERNELS chooses one; the states' checksum is printed, for comparing levels and
 * processors. The Swift tests do the same and more; this runs where Swift does not, as under an emulator.
 */

#define _GNU_SOURCE

#include "products.h"

static void check_rows(const char *name, size_t count) {
    const struct imprag_kernels *level = imprag_kernels_named(name), *plain = imprag_kernels_named("portable");
    float *a = numbers(count, 1), *b = numbers(count, 1), *wide = numbers(count, 90);
    float *x = numbers(count, 0), *y = numbers(count, 0);
    uint16_t *narrow = guarded(count * 2), *expected = guarded(count * 2);
    check(close_to(&(float){level->dot(a, b, count)}, &(float){plain->dot(a, b, count)}, 1, 1e-5f), "dot", name, count, 0);
    float highest = plain->highest(wide, count);
    check(level->highest(wide, count) == highest, "highest", name, count, 0);
    memcpy(x, wide, count * 4), memcpy(y, wide, count * 4);
    level->swiglu(x, a, count), plain->swiglu(y, a, count);
    check(close_to(x, y, count, 1e-5f), "swiglu", name, count, 0);
    if (count > 0) {
        level->rms_norm(a, b, 1e-5f, x, count), plain->rms_norm(a, b, 1e-5f, y, count);
        check(close_to(x, y, count, 1e-5f), "norm", name, count, 0);
        memcpy(x, wide, count * 4), memcpy(y, wide, count * 4);
        float sum = level->exponentiate(x, highest, count), other = plain->exponentiate(y, highest, count);
        check(close_to(x, y, count, 2e-6f) && close_to(&sum, &other, 1, 2e-6f), "exponentiate", name, count, 0);
    }
    static const uint32_t special[] = {0x7FC00000, 0x7F800000, 0xFF800000, 0x80000000, 0x3F808000, 0x3F818000, 0xFFFFFFFF, 1};
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = i < 8 ? special[i] : (uint32_t)next();
        memcpy(x + i, &bits, 4);
    }
    level->narrow(x, narrow, count), plain->narrow(x, expected, count);
    check(memcmp(narrow, expected, count * 2) == 0, "narrow", name, count, 0);
    level->widen(narrow, x, count), plain->widen(narrow, y, count);
    check(memcmp(x, y, count * 4) == 0, "widen", name, count, 0);
    for (float scale = 1e-36f; scale < 1e31f; scale *= 1e11f) {
        for (size_t i = 0; i < count; i++) x[i] = a[i] * scale;
        uint8_t *one = guarded(count), *other = guarded(count);
        check(level->quantize(x, one, count) == plain->quantize(x, other, count) && memcmp(one, other, count) == 0,
              "quantize", name, count, 0);
    }
    forget();
}

static void check_byte_products(const char *name, size_t padded, size_t rows) {
    const struct imprag_panel_kernels *level = imprag_panel_kernels_named(name), *plain = imprag_panel_kernels_named("portable");
    const struct imprag_kernels *loops = imprag_kernels_named(name), *plain_loops = imprag_kernels_named("portable");
    enum { width = imprag_bytes_width, gap = width + 3 };
    size_t row_bytes = imprag_bytes_row(padded), blocks = imprag_bytes_blocks(padded);
    uint8_t *x = guarded(rows * row_bytes);
    for (size_t r = 0; r < rows; r++) {
        float *row = numbers(padded, 1);
        for (size_t i = 0; i < padded; i++) row[i] *= i / imprag_bytes_block % 2 == 0 ? 100 : 1;
        imprag_convert_bytes(row, padded - 3, padded, x + r * row_bytes);
    }
    int8_t *panel = (int8_t *)bytes(width * padded, 1);
    int16_t *sums = guarded(blocks * width * 2);
    for (size_t i = 0; i < blocks * width; i++) sums[i] = (int16_t)next();
    float *scales = numbers(width, 1), *c = numbers((rows - 1) * gap + width, 1), *expected = numbers((rows - 1) * gap + width, 1);
    memcpy(expected, c, ((rows - 1) * gap + width) * 4);
    imprag_multiply_bytes(level, loops, x, row_bytes, rows, panel, padded, scales, sums, c, gap);
    imprag_multiply_bytes(plain, plain_loops, x, row_bytes, rows, panel, padded, scales, sums, expected, gap);
    check(memcmp(c, expected, ((rows - 1) * gap + width) * 4) == 0, "products of bytes", name, padded, rows);
    forget();
}

static void check_short_products(const char *name) {
    const struct imprag_kernels *level = imprag_kernels_named(name), *plain = imprag_kernels_named("portable");
    for (size_t depth = 1; depth < 40; depth += 13)
        for (size_t m = 1; m < 6; m++)
            for (size_t n = 1; n < 10; n++) {
                float *a = numbers(m * depth, 1), *c = numbers(m * n, 0), *expected = numbers(m * n, 0);
                uint16_t *b = brains(n * depth);
                level->multiply_bf16(a, m, b, n, depth, c, n), plain->multiply_bf16(a, m, b, n, depth, expected, n);
                check(close_to(c, expected, m * n, 1e-5f), "products of bf16", name, depth, m * 100 + n);
                forget();
            }
    for (int coarse = 0; coarse < 2; coarse++) {
        enum { count = 70, stride = 12 };
        float *centroids = numbers(1024, 1), *halves = numbers(256, 0), *rows = numbers((count - 1) * stride + 4, 1);
        if (coarse)
            for (size_t i = 0; i < 1024; i++) centroids[i] = (float)(int)(next() % 5) - 2;
        for (size_t i = 0; i < 1024; i++) halves[i % 256] += centroids[i] * centroids[i] / 2;
        uint8_t codes[count], expected[count];
        level->nearest(rows, count, stride, centroids, halves, codes);
        plain->nearest(rows, count, stride, centroids, halves, expected);
        check(memcmp(codes, expected, count) == 0, "nearest centroids", name, (size_t)coarse, 0);
        forget();
    }
}

static void check_scan(const char *name, size_t count, size_t segments, size_t length) {
    const struct imprag_code_kernels *level = imprag_code_kernels_named(name), *plain = imprag_code_kernels_named("portable");
    size_t padded = (count + 15) / 16 * 16;
    uint8_t *scales = bytes(padded * 2, 0), *first = bytes(padded * length, 0);
    for (size_t i = 0; i < padded; i++) scales[2 * i + 1] = 0x3C; /* 0.0078 to 0.031 */
    struct imprag_codes codes = {count, segments, length, first, bytes(count * (segments - 1) * imprag_segment_bytes, 0),
                                 (const uint16_t *)scales, guarded(count * 4)};
    struct imprag_code_query query = {(const int8_t *)bytes(segments * 64, 1), (const int8_t *)bytes(segments * 64, 1),
                                      numbers(segments, 0.01f), numbers(segments, 1)};
    uint16_t *allowed = (uint16_t *)bytes(padded / 8, 0);
    size_t room = count == 0 ? 1 : count;
    uint32_t *places[2] = {guarded(room * 4), guarded(room * 4)};
    float *estimates[2] = {numbers(room, 0), numbers(room, 0)}, *firsts[2] = {numbers(room, 0), numbers(room, 0)};
    for (float least = -2; least <= 2; least += 0.5f)
        for (int some = 0; some < 2; some++) {
            const uint16_t *bits = some ? allowed : NULL;
            size_t found = level->scan(&codes, &query, bits, &codes, 0.75f, least, least - 0.5f, places[0], estimates[0],
                                       firsts[0]);
            size_t expected = plain->scan(&codes, &query, bits, &codes, 0.75f, least, least - 0.5f, places[1], estimates[1],
                                          firsts[1]);
            bool same = found == expected && memcmp(places[0], places[1], found * 4) == 0 &&
                        memcmp(estimates[0], estimates[1], found * 4) == 0 && memcmp(firsts[0], firsts[1], found * 4) == 0;
            check(same, "scan", name, count, segments);
        }
    forget();
}

#include "states.h"

int main(void) {
    for (size_t i = 0; getenv("IMPRAG_KERNELS") == NULL && imprag_level_at(i) != NULL; i++) {
        const char *name = imprag_level_at(i);
        if (!imprag_level_runs(name)) continue;
        check_products(imprag_panel_kernels_named(name));
        for (size_t count = 0; count < 36; count++) check_rows(name, count);
        check_rows(name, 100);
        check_short_products(name);
        for (size_t padded = 64; padded <= 576; padded += 128)
            for (size_t rows = 1; rows < 10; rows++) check_byte_products(name, padded, rows);
        for (size_t segments = 1; segments < 4; segments++)
            for (size_t count = 0; count < 50; count += count < 34 ? 1 : 7)
                check_scan(name, count, segments, imprag_segment_bytes);
        for (size_t count = 0; count < 50; count += count < 34 ? 1 : 7)
            check_scan(name, count, 1, imprag_short_segment_bytes);
    }
    state = 1;
    uint64_t sum = check_states();
    check_attention(imprag_level());
    printf("level %s, states %016llx, %d failures\n", imprag_level(), (unsigned long long)sum, failures);
    return failures > 0;
}
