#pragma once

#include "grouped.h"

/* One table a file. */
extern const struct imprag_grouped_kernels imprag_grouped_portable;
#if defined(__x86_64__)
extern const struct imprag_grouped_kernels imprag_grouped_avx2;
#endif

/* Groups of the block that begins with group `first`. */
static inline size_t imprag_groups_from(size_t first, size_t groups) {
    return groups - first < imprag_block_groups ? groups - first : imprag_block_groups;
}
