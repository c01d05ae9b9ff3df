/*
 * The panel products of x86's levels, compiled over plain C stand-ins for the vector instructions (SIMDe): what they
 * compute, on processors that do not have them. Whether the compiler's instructions do the same is for the processors
 * that do, in KernelsTests.
 */

#define _GNU_SOURCE

#include "products.h"

#include "panels_tables.h"

int main(void) {
    static const struct imprag_panel_kernels *const levels[] = {
        &imprag_panels_avx2,        &imprag_panels_avx_vnni,    &imprag_panels_avx512,
        &imprag_panels_avx512_vnni, &imprag_panels_avx512_bf16,
    };
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        check_products(levels[i]);
        printf("%s: %d failures\n", levels[i]->name, failures);
    }
    return failures > 0;
}
