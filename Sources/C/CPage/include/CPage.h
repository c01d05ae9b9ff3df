// The web page's files, which the compiler takes into the program: a gateway needs no directory beside its binary.
#pragma once

#include <stddef.h>

/// One file of the page.
struct imprag_page_file {
    /// As in `files/`.
    const char *name;
    const unsigned char *bytes;
    size_t size;
};

/// The file at `index`, from 0 on; null where no more are.
const struct imprag_page_file *imprag_page_file(size_t index);
