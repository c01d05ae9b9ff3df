/*
 * What the checks share, and products with panels against the portable ones: bit for bit, except those of bf16 pairs.
 * Operands end where memory ends, so that reading beyond them is noticed.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CKernels.h"

static int failures;

static void check(bool holds, const char *what, const char *level, size_t a, size_t b) {
    if (holds) return;
    if (failures++ < 20) printf("FAILED: %s at level %s, %zu, %zu\n", what, level, a, b);
}

static uint64_t state = 1;
static uint64_t next(void) {
    uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}
static float number(float scale) { return scale * ((float)(next() >> 40) * 0x1p-23f - 1); }

/* Memory whose end is the end of what may be read: one byte more ends the program. Never freed but by `forget`. */
static struct {
    void *pages;
    size_t bytes;
} kept[64];
static size_t kept_count;
static void *guarded(size_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (bytes + page - 1) / page * page + page;
    char *pages = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED || kept_count == 64 || mprotect(pages + whole - page, page, PROT_NONE) != 0) abort();
    kept[kept_count].pages = pages;
    kept[kept_count++].bytes = whole;
    return pages + whole - page - bytes;
}
static void forget(void) {
    while (kept_count > 0) {
        kept_count--;
        munmap(kept[kept_count].pages, kept[kept_count].bytes);
    }
}
static float *numbers(size_t count, float scale) {
    float *made = guarded(count * sizeof *made);
    for (size_t i = 0; i < count; i++) made[i] = number(scale);
    return made;
}
static uint8_t *bytes(size_t count, uint8_t least) {
    uint8_t *made = guarded(count);
    for (size_t i = 0; i < count; i++) made[i] = (uint8_t)(least + next() % (256 - least));
    return made;
}
/* bf16 numbers between -1 and 1. */
static uint16_t *brains(size_t count) {
    uint16_t *made = guarded(count * sizeof *made);
    for (size_t i = 0; i < count; i++) {
        float whole = number(1);
        uint32_t bits;
        memcpy(&bits, &whole, 4);
        made[i] = (uint16_t)(bits >> 16);
    }
    return made;
}
static bool close_to(const float *a, const float *b, size_t count, float tolerance) {
    for (size_t i = 0; i < count; i++)
        if (!(fabsf(a[i] - b[i]) <= tolerance * fmaxf(1, fabsf(b[i])))) return false;
    return true;
}

static void check_panels(const struct imprag_panel_kernels *level, const struct imprag_panel_kernels *portable,
                         enum imprag_number number, size_t width, size_t groups, size_t rows) {
    size_t group = imprag_group(number), depth = groups * group, stride = depth + 3, gap = width + 5;
    enum imprag_number given = imprag_rows_beside(level, number);
    size_t row_numbers = (rows - 1) * stride + depth;
    void *a = given == imprag_f32    ? (void *)numbers(row_numbers, 1)
              : given == imprag_bf16 ? (void *)brains(row_numbers)
                                     : (void *)bytes(row_numbers, 0);
    void *plain = a;
    if (given == imprag_bf16) imprag_kernels_named("portable")->widen(a, plain = numbers(row_numbers, 0), row_numbers);
    void *panel = number == imprag_f32    ? (void *)numbers(width * depth, 1)
                  : number == imprag_bf16 ? (void *)brains(width * depth)
                                          : (void *)bytes(width * depth, 1);
    if (number == imprag_int8) ((uint8_t *)panel)[0] = 0x81, memset(a, 255, depth);
    size_t sum_bytes = ((rows - 1) * gap + width) * 4;
    for (int adds = 0; adds < 2; adds++) {
        /* Whole numbers that are small ones as int32 and as float32 alike. */
        char *c = guarded(sum_bytes), *expected = guarded(sum_bytes);
        for (size_t i = 0; i < sum_bytes; i += 4) memcpy(c + i, &(float){i % 7}, 4);
        memcpy(expected, c, sum_bytes);
        level->multiply[number](a, stride, rows, panel, width, groups, c, gap, adds);
        portable->multiply[number](plain, stride, rows, panel, width, groups, expected, gap, adds);
        /* Products of bf16 pairs are added to a sum in another order. */
        bool same = given == imprag_bf16 ? close_to((float *)c, (float *)expected, sum_bytes / 4, 1e-5f)
                                         : memcmp(c, expected, sum_bytes) == 0;
        static const char *const names[] = {"float32 panels", "bf16 panels", "byte panels"};
        check(same, names[number], level->name, width * 10000 + groups, rows);
    }
    forget();
}

/* Every way to cut columns into vectors and groups into slices, and every number of rows around the tiles. */
static void check_products(const struct imprag_panel_kernels *level) {
    const struct imprag_panel_kernels *portable = imprag_panel_kernels_named("portable");
    static const size_t widths[] = {16, 32, 48, 64, 80, 128}, depths[] = {1, 2, 31, 1025}, most[] = {17, 17, 17, 5};
    for (int number = 0; number < 3; number++) {
        check(level->peak[number](10) > 0, "peak", level->name, (size_t)number, 0);
        for (size_t w = 0; w < 6; w++)
            for (size_t d = 0; d < 4; d++) {
                if (depths[d] > 100 && widths[w] % 64 == 48) continue;
                for (size_t rows = 1; rows <= most[d]; rows++)
                    check_panels(level, portable, (enum imprag_number)number, widths[w], depths[d], rows);
            }
    }
}
