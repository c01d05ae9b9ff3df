#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <oneapi/dnnl/dnnl.h>

#include "COneDNN.h"

/* Version 3 made memory descriptors opaque handles; in version 2 they are structs, passed by address. */
#if DNNL_VERSION_MAJOR >= 3
#define DESCRIPTOR(d) (d)

#else
#define DESCRIPTOR(d) (&(d))

#endif

/* One product of one shape. Never freed: a model has a few dozen. */
struct product {
    size_t m, n, k, stride;
    size_t index; /* 0, 1, 2 … in the order of making */
    dnnl_memory_desc_t a, b, c, scratch;
    size_t scratch_bytes;
    dnnl_primitive_t primitive;
    struct product *next;
};

enum { buckets = 256, recents = 64 };

static dnnl_engine_t engine;
static dnnl_status_t engine_status = dnnl_runtime_error;
static struct product *products[buckets];
static size_t product_count;
static pthread_rwlock_t products_lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_key;
static void (*set_openmp_threads)(int);
static bool has_bf16;

/* a, b, c and the scratchpad of one product: made once a thread, then pointed to other bytes. */
struct operands {
    dnnl_memory_t memory[4];
};

/* What a thread needs of its own: a stream, operands by product, and room for intermediate results. */
struct thread_state {
    dnnl_stream_t stream;
    struct product *recent[recents]; /* the last one found in each place: most calls need no lock */
    struct operands *operands;
    size_t operands_count;
    void *scratch;
    size_t scratch_bytes;
};

static void free_thread_state(void *raw) {
    struct thread_state *state = raw;
    for (size_t i = 0; i < state->operands_count; i++)
        for (int j = 0; j < 4; j++)
            if (state->operands[i].memory[j] != NULL) dnnl_memory_destroy(state->operands[i].memory[j]);
    free(state->operands);
    dnnl_stream_destroy(state->stream);
    free(state->scratch);
    free(state);
}

static struct thread_state *thread_state(void) {
    struct thread_state *state = pthread_getspecific(thread_key);
    if (state == NULL) {
        /* OpenMP's number of threads is a setting of the calling thread. */
        if (set_openmp_threads != NULL) set_openmp_threads(1);
        state = calloc(1, sizeof *state);
        if (state == NULL) return NULL;
        if (dnnl_stream_create(&state->stream, engine, dnnl_stream_default_flags) != dnnl_success) {
            free(state);
            return NULL;
        }
        pthread_setspecific(thread_key, state);
    }
    return state;
}

static dnnl_status_t reserve_scratch(struct thread_state *state, size_t bytes) {
    if (state->scratch_bytes >= bytes) return dnnl_success;
    free(state->scratch);
    state->scratch_bytes = 0;
    size_t rounded = (bytes + 4095) / 4096 * 4096;
    state->scratch = aligned_alloc(4096, rounded);
    if (state->scratch == NULL) return dnnl_out_of_memory;
    state->scratch_bytes = rounded;
    return dnnl_success;
}

static dnnl_status_t describe(dnnl_memory_desc_t *descriptor, size_t rows, size_t columns, dnnl_data_type_t type,
                              size_t row_stride, size_t column_stride) {
    dnnl_dims_t sizes = {(dnnl_dim_t)rows, (dnnl_dim_t)columns};
    dnnl_dims_t strides = {(dnnl_dim_t)row_stride, (dnnl_dim_t)column_stride};
#if DNNL_VERSION_MAJOR >= 3
    return dnnl_memory_desc_create_with_strides(descriptor, 2, sizes, type, strides);
#else
    return dnnl_memory_desc_init_by_strides(descriptor, 2, sizes, type, strides);
#endif
}

static dnnl_status_t describe_primitive(dnnl_primitive_desc_t *description, struct product *product) {
    dnnl_primitive_attr_t attributes;
    dnnl_status_t status = dnnl_primitive_attr_create(&attributes);
    if (status != dnnl_success) return status;
    /* The library's own scratchpad belongs to the thread that made the primitive; ours is used by all. */
    status = dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
    if (status == dnnl_success) {
#if DNNL_VERSION_MAJOR >= 3
        status = dnnl_matmul_primitive_desc_create(description, engine, product->a, product->b, NULL, product->c,
                                                   attributes);
#else
        dnnl_matmul_desc_t operation;
        status = dnnl_matmul_desc_init(&operation, &product->a, &product->b, NULL, &product->c);
        if (status == dnnl_success)
            status = dnnl_primitive_desc_create(description, &operation, attributes, engine, NULL);
#endif
    }
    dnnl_primitive_attr_destroy(attributes);
    return status;
}

/* Makes the primitive of one shape; `fast`, unless NULL, says whether it is more than a reference implementation. */
static dnnl_status_t make_product(struct product *product, bool *fast) {
    dnnl_status_t status = describe(&product->a, product->m, product->k, dnnl_bf16, product->k, 1);
    if (status != dnnl_success) return status;
    status = describe(&product->b, product->k, product->n, dnnl_bf16, 1, product->k);
    if (status != dnnl_success) return status;
    status = describe(&product->c, product->m, product->n, dnnl_f32, product->stride, 1);
    if (status != dnnl_success) return status;
    dnnl_primitive_desc_t description;
    status = describe_primitive(&description, product);
    if (status != dnnl_success) return status;
    if (fast != NULL) {
        const char *name = "";
        dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &name);
        *fast = strstr(name, "ref") == NULL;
    }
#if DNNL_VERSION_MAJOR >= 3
    const_dnnl_memory_desc_t scratch = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
    status = dnnl_memory_desc_clone(&product->scratch, scratch);
    product->scratch_bytes = dnnl_memory_desc_get_size(scratch);
#else
    product->scratch = *dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
    product->scratch_bytes = dnnl_memory_desc_get_size(&product->scratch);
#endif
    if (status == dnnl_success) status = dnnl_primitive_create(&product->primitive, description);
    dnnl_primitive_desc_destroy(description);
    return status;
}

static void start(void) {
    engine_status = dnnl_engine_create(&engine, dnnl_cpu, 0);
    if (engine_status != dnnl_success) return;
    if (pthread_key_create(&thread_key, free_thread_state) != 0) {
        engine_status = dnnl_out_of_memory;
        return;
    }
    /* Looked up by name: oneDNN may be built on another threading library, and then there is no OpenMP to link. */
    *(void **)&set_openmp_threads = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    struct product probe = {.m = 8, .n = 64, .k = 64, .stride = 64};
    bool fast = false;
    if (make_product(&probe, &fast) == dnnl_success) {
        has_bf16 = fast;
        dnnl_primitive_destroy(probe.primitive);
    }
}

bool imprag_onednn_has_bf16(void) {
    pthread_once(&once, start);
    return has_bf16;
}

static bool matches(const struct product *product, size_t m, size_t n, size_t k, size_t stride) {
    return product->m == m && product->n == n && product->k == k && product->stride == stride;
}

static struct product *find(size_t bucket, size_t m, size_t n, size_t k, size_t stride) {
    for (struct product *each = products[bucket]; each != NULL; each = each->next)
        if (matches(each, m, n, k, stride)) return each;
    return NULL;
}

static dnnl_status_t product_for(struct thread_state *state, size_t m, size_t n, size_t k, size_t stride,
                                 struct product **product) {
    size_t hash = m * 31 + n * 17 + k * 7 + stride, bucket = hash % buckets;
    struct product **recent = &state->recent[hash % recents];
    *product = *recent;
    if (*product != NULL && matches(*product, m, n, k, stride)) return dnnl_success;

    pthread_rwlock_rdlock(&products_lock);
    *product = find(bucket, m, n, k, stride);
    pthread_rwlock_unlock(&products_lock);
    if (*product != NULL) {
        *recent = *product;
        return dnnl_success;
    }

    dnnl_status_t status = dnnl_success;
    pthread_rwlock_wrlock(&products_lock);
    *product = find(bucket, m, n, k, stride);
    if (*product == NULL) {
        struct product *made = calloc(1, sizeof *made);
        if (made == NULL) {
            status = dnnl_out_of_memory;
        } else {
            made->m = m, made->n = n, made->k = k, made->stride = stride;
            status = make_product(made, NULL);
            if (status == dnnl_success) {
                made->index = product_count++;
                made->next = products[bucket];
                products[bucket] = made;
                *product = made;
            } else {
                free(made);
            }
        }
    }
    pthread_rwlock_unlock(&products_lock);
    if (status == dnnl_success) *recent = *product;
    return status;
}

/* The thread's operands for `product`, made at its first use. */
static dnnl_status_t operands_for(struct thread_state *state, const struct product *product, struct operands **found) {
    if (product->index >= state->operands_count) {
        size_t count = product->index + 32;
        struct operands *grown = realloc(state->operands, count * sizeof *grown);
        if (grown == NULL) return dnnl_out_of_memory;
        memset(grown + state->operands_count, 0, (count - state->operands_count) * sizeof *grown);
        state->operands = grown;
        state->operands_count = count;
    }
    struct operands *operands = &state->operands[product->index];
    *found = operands;
    if (operands->memory[0] != NULL) return dnnl_success;
    struct operands made = {{NULL, NULL, NULL, NULL}};
    dnnl_status_t status = dnnl_memory_create(&made.memory[0], DESCRIPTOR(product->a), engine, DNNL_MEMORY_NONE);
    if (status == dnnl_success)
        status = dnnl_memory_create(&made.memory[1], DESCRIPTOR(product->b), engine, DNNL_MEMORY_NONE);
    if (status == dnnl_success)
        status = dnnl_memory_create(&made.memory[2], DESCRIPTOR(product->c), engine, DNNL_MEMORY_NONE);
    if (status == dnnl_success && product->scratch_bytes > 0)
        status = dnnl_memory_create(&made.memory[3], DESCRIPTOR(product->scratch), engine, DNNL_MEMORY_NONE);
    if (status == dnnl_success) {
        *operands = made;
        return dnnl_success;
    }
    for (int i = 0; i < 4; i++)
        if (made.memory[i] != NULL) dnnl_memory_destroy(made.memory[i]);
    return status;
}

int imprag_onednn_multiply(size_t m, size_t n, size_t k, const uint16_t *a, const uint16_t *b, float *c,
                           size_t stride) {
    pthread_once(&once, start);
    if (engine_status != dnnl_success) return engine_status;
    struct thread_state *state = thread_state();
    if (state == NULL) return dnnl_out_of_memory;
    struct product *product;
    dnnl_status_t status = product_for(state, m, n, k, stride, &product);
    if (status == dnnl_success) status = reserve_scratch(state, product->scratch_bytes);
    if (status != dnnl_success) return status;
    struct operands *operands;
    status = operands_for(state, product, &operands);
    if (status != dnnl_success) return status;

    dnnl_memory_t *memory = operands->memory;
    status = dnnl_memory_set_data_handle(memory[0], (void *)a);
    if (status == dnnl_success) status = dnnl_memory_set_data_handle(memory[1], (void *)b);
    if (status == dnnl_success) status = dnnl_memory_set_data_handle(memory[2], c);
    if (status == dnnl_success && memory[3] != NULL) status = dnnl_memory_set_data_handle(memory[3], state->scratch);
    if (status != dnnl_success) return status;
    dnnl_exec_arg_t arguments[4] = {
        {DNNL_ARG_SRC, memory[0]},
        {DNNL_ARG_WEIGHTS, memory[1]},
        {DNNL_ARG_DST, memory[2]},
        {DNNL_ARG_SCRATCHPAD, memory[3]},
    };
    status = dnnl_primitive_execute(product->primitive, state->stream, memory[3] != NULL ? 4 : 3, arguments);
    return status == dnnl_success ? dnnl_stream_wait(state->stream) : status;
}

const char *imprag_onednn_version(void) {
    static char text[32];
    const dnnl_version_t *version = dnnl_version();
    snprintf(text, sizeof text, "%d.%d.%d", version->major, version->minor, version->patch);
    return text;
}

const char *imprag_onednn_instructions(void) {
    switch (dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_sse41: return "sse41";
    case dnnl_cpu_isa_avx: return "avx";
    case dnnl_cpu_isa_avx2: return "avx2";
    case dnnl_cpu_isa_avx2_vnni: return "avx2_vnni";
    case dnnl_cpu_isa_avx512_core: return "avx512_core";
    case dnnl_cpu_isa_avx512_core_vnni: return "avx512_core_vnni";
    case dnnl_cpu_isa_avx512_core_bf16: return "avx512_core_bf16";
#if DNNL_VERSION_MAJOR >= 3
    case dnnl_cpu_isa_avx512_core_fp16: return "avx512_core_fp16";
    case dnnl_cpu_isa_avx512_core_amx: return "avx512_core_amx";
#endif
    default: return "default";
    }
}
