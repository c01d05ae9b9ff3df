#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tables.h"

static const struct imprag_kernels *chosen;
static pthread_once_t once = PTHREAD_ONCE_INIT;

const struct imprag_kernels *imprag_kernels_named(const char *name) {
    if (strcmp(name, "portable") == 0) return &imprag_kernels_portable;
#if defined(__x86_64__)
    if (strcmp(name, "avx2") == 0 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return &imprag_kernels_avx2;
    if (strcmp(name, "avx512") == 0 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
        return &imprag_kernels_avx512;
#endif
    return NULL;
}

static void choose(void) {
    const char *wanted = getenv("IMPRAG_KERNELS");
    if (wanted != NULL) chosen = imprag_kernels_named(wanted);
    if (chosen == NULL) chosen = imprag_kernels_named("avx512");
    if (chosen == NULL) chosen = imprag_kernels_named("avx2");
    if (chosen == NULL) chosen = &imprag_kernels_portable;
}

const struct imprag_kernels *imprag_kernels(void) {
    pthread_once(&once, choose);
    return chosen;
}
