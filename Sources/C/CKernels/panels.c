#include <string.h>
#include <sys/mman.h>

#include "CKernels.h"
#include "panels_tables.h"

enum imprag_number imprag_rows_beside(const struct imprag_panel_kernels *kernels, enum imprag_number panel) {
    return panel == imprag_bf16 ? kernels->bf16_rows : panel;
}

/* Groups of numbers have four bytes; rows beside strips are bytes as well. */
size_t imprag_group(enum imprag_number number) { return 4 / imprag_number_bytes(number); }

size_t imprag_number_bytes(enum imprag_number number) { return number == imprag_grouped ? 1 : 4 >> number; }

size_t imprag_panel_place(enum imprag_number number, size_t width, size_t column, size_t depth) {
    size_t group = imprag_group(number);
    return (depth / group * width + column) * group + depth % group;
}

/* A group has four bytes whatever its numbers are: packing is a transposition of 32-bit words, in blocks that fit the
 * first-level cache. */
void imprag_pack(enum imprag_number number, const void *rows_from, size_t stride, size_t rows, size_t depth, void *panel,
                 size_t width, size_t groups) {
    size_t bytes = imprag_number_bytes(number), whole = depth * bytes / 4, rest = depth * bytes % 4;
    const char *from = rows_from;
    uint32_t *to = panel;
    for (size_t g0 = 0; g0 < whole; g0 += 64) {
        size_t g1 = g0 + 64 < whole ? g0 + 64 : whole;
        for (size_t row = 0; row < rows; row++) {
            const char *line = from + row * stride * bytes;
            for (size_t g = g0; g < g1; g++) memcpy(&to[g * width + row], line + g * 4, 4);
        }
    }
    if (rest > 0) {
        for (size_t row = 0; row < rows; row++) {
            uint32_t last = 0;
            memcpy(&last, from + row * stride * bytes + whole * 4, rest);
            to[whole * width + row] = last;
        }
        whole++;
    }
    for (size_t g = 0; g < whole; g++) memset(to + g * width + rows, 0, (width - rows) * 4);
    memset(to + whole * width, 0, (groups - whole) * width * 4);
}

void imprag_use_large_pages(void *bytes, size_t count) {
#if defined(__linux__)
    madvise(bytes, count, MADV_HUGEPAGE);
#endif
}

uint64_t imprag_read_all(const void *bytes, size_t count) {
    const uint64_t *words = bytes;
    uint64_t sums[8] = {0};
    for (size_t i = 0; i + 8 <= count / 8; i += 8) {
        __builtin_prefetch((const char *)(words + i) + 4096, 0, 3);
        for (int j = 0; j < 8; j++) sums[j] += words[i + j];
    }
    return sums[0] + sums[1] + sums[2] + sums[3] + sums[4] + sums[5] + sums[6] + sums[7];
}
