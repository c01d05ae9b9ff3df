#pragma once

#include "attention.h"

static inline size_t rounded(size_t count, size_t unit) { return (count + unit - 1) / unit * unit; }

/* How one key head's part of a block is laid out, in bytes. */
struct head_layout {
    size_t number_bytes, key_groups, value_width, keys, whole;
};

static inline struct head_layout head_layout(enum imprag_number number, size_t depth) {
    struct head_layout layout = {.number_bytes = imprag_number_bytes(number)};
    size_t group = imprag_group(number);
    layout.key_groups = (depth + group - 1) / group;
    layout.value_width = rounded(depth, 16);
    layout.keys = layout.key_groups * group * imprag_block_tokens * layout.number_bytes;
    layout.whole = layout.keys + layout.value_width * imprag_block_tokens * layout.number_bytes;
    return layout;
}
