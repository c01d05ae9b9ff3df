#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "code_tables.h"
#include "flat_tables.h"
#include "panels_tables.h"
#include "tables.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

/*
 * The levels of instructions that there are kernels for, best first, and the tables of each. A level that has nothing
 * of its own for one kind of kernel has the table of the next lower one.
 */
static const struct level {
    const char *name;
    const struct imprag_kernels *rows;
    const struct imprag_panel_kernels *panels;
    const struct imprag_code_kernels *codes;
    const struct imprag_flat_kernels *flat;
} levels[] = {
#if defined(__x86_64__)
    {"avx512_bf16", &imprag_kernels_avx512, &imprag_panels_avx512_bf16, &imprag_code_kernels_avx512,
     &imprag_flat_kernels_avx512},
    {"avx512_vnni", &imprag_kernels_avx512, &imprag_panels_avx512_vnni, &imprag_code_kernels_avx512,
     &imprag_flat_kernels_avx512},
    {"avx512", &imprag_kernels_avx512, &imprag_panels_avx512, &imprag_code_kernels_avx2, &imprag_flat_kernels_avx512},
    {"avx_vnni", &imprag_kernels_avx2, &imprag_panels_avx_vnni, &imprag_code_kernels_avx2, &imprag_flat_kernels_avx2},
    {"avx2", &imprag_kernels_avx2, &imprag_panels_avx2, &imprag_code_kernels_avx2, &imprag_flat_kernels_avx2},
#elif defined(__aarch64__)
    {"neon_i8mm", &imprag_kernels_neon, &imprag_panels_neon_i8mm, &imprag_code_kernels_neon,
     &imprag_flat_kernels_portable},
    {"neon_dotprod", &imprag_kernels_neon, &imprag_panels_neon_dotprod, &imprag_code_kernels_neon,
     &imprag_flat_kernels_portable},
    {"neon", &imprag_kernels_neon, &imprag_panels_neon, &imprag_code_kernels_portable, &imprag_flat_kernels_portable},
#endif
    {"portable", &imprag_kernels_portable, &imprag_panels_portable, &imprag_code_kernels_portable,
     &imprag_flat_kernels_portable},
};
enum { level_count = sizeof levels / sizeof *levels };

static const struct level *chosen;
static bool is_wanted;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Whether this processor has the instructions of the level. */
static bool can_run(const char *name) {
    if (strcmp(name, "portable") == 0) return true;
#if defined(__x86_64__)
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return false;
    if (strcmp(name, "avx2") == 0) return true;
    if (strcmp(name, "avx_vnni") == 0) return __builtin_cpu_supports("avxvnni");
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512vl") ||
        !__builtin_cpu_supports("avx512dq"))
        return false;
    if (strcmp(name, "avx512") == 0) return true;
    if (!__builtin_cpu_supports("avx512vnni")) return false;
    return strcmp(name, "avx512_vnni") == 0 || __builtin_cpu_supports("avx512bf16");
#elif defined(__aarch64__)
    if (strcmp(name, "neon") == 0) return true;
    /* The bits of Linux' interface with programs, which older headers do not have. */
    unsigned long dotprod = 1ul << 20, i8mm = 1ul << 13;
#if defined(__linux__)
    if ((getauxval(AT_HWCAP) & dotprod) == 0) return false;
    return strcmp(name, "neon_dotprod") == 0 || (getauxval(AT_HWCAP2) & i8mm) != 0;
#endif
#endif
    return false;
}

static const struct level *named(const char *name) {
    for (size_t i = 0; i < level_count; i++)
        if (strcmp(levels[i].name, name) == 0) return can_run(name) ? &levels[i] : NULL;
    return NULL;
}

static void choose(void) {
    const char *wanted = getenv("IMPRAG_KERNELS");
    if (wanted != NULL) chosen = named(wanted);
    is_wanted = chosen != NULL;
    for (size_t i = 0; chosen == NULL; i++) chosen = named(levels[i].name);
}

static const struct level *level(void) {
    pthread_once(&once, choose);
    return chosen;
}

const char *imprag_level(void) { return level()->name; }

bool imprag_level_is_wanted(void) {
    level();
    return is_wanted;
}

const char *imprag_level_at(size_t place) { return place < level_count ? levels[place].name : NULL; }

bool imprag_level_runs(const char *name) { return named(name) != NULL; }

const struct imprag_kernels *imprag_kernels(void) { return level()->rows; }

const struct imprag_panel_kernels *imprag_panel_kernels(void) { return level()->panels; }

const struct imprag_code_kernels *imprag_code_kernels(void) { return level()->codes; }

const struct imprag_flat_kernels *imprag_flat_kernels(void) { return level()->flat; }

const struct imprag_kernels *imprag_kernels_named(const char *name) {
    const struct level *found = named(name);
    return found == NULL ? NULL : found->rows;
}

const struct imprag_panel_kernels *imprag_panel_kernels_named(const char *name) {
    const struct level *found = named(name);
    return found == NULL ? NULL : found->panels;
}

const struct imprag_code_kernels *imprag_code_kernels_named(const char *name) {
    const struct level *found = named(name);
    return found == NULL ? NULL : found->codes;
}

const struct imprag_flat_kernels *imprag_flat_kernels_named(const char *name) {
    const struct level *found = named(name);
    return found == NULL ? NULL : found->flat;
}
