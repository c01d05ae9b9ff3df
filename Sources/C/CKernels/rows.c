#include "rows.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"

/* A thread's scratch memory, kept for its next call. */
struct room {
    void *bytes;
    size_t count;
};

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_room(void *raw) {
    free(((struct room *)raw)->bytes);
    free(raw);
}

static void make_key(void) { pthread_key_create(&key, free_room); }

void *imprag_room(size_t bytes) {
    pthread_once(&once, make_key);
    struct room *room = pthread_getspecific(key);
    if (room == NULL) {
        room = calloc(1, sizeof *room);
        if (room == NULL) return NULL;
        pthread_setspecific(key, room);
    }
    if (room->count < bytes) {
        free(room->bytes);
        size_t rounded = (bytes + 4095) / 4096 * 4096;
        room->bytes = aligned_alloc(4096, rounded);
        room->count = room->bytes == NULL ? 0 : rounded;
    }
    return room->bytes;
}

void imprag_convert(enum imprag_number number, const float *x, size_t count, size_t padded, void *out) {
    size_t bytes = imprag_number_bytes(number);
    switch (number) {
    case imprag_f32:
        if (out != x) memcpy(out, x, count * sizeof *x);
        break;
    case imprag_bf16: imprag_kernels()->narrow(x, out, count); break;
    case imprag_int8: imprag_convert_bytes(x, count, padded, out); return;
    case imprag_grouped: imprag_convert_grouped(x, count, padded, out); return;
    }
    memset((char *)out + count * bytes, 0, (padded - count) * bytes);
}

void imprag_add_and_normalize(enum imprag_number number, const float *increment, float *x, const float *weight,
                              float epsilon, size_t count, size_t padded, void *out) {
    if (increment != NULL) imprag_add(increment, x, count);
    float *normed = number == imprag_f32 ? out : imprag_room(count * sizeof *normed);
    if (normed == NULL) abort();
    imprag_kernels()->rms_norm(x, weight, epsilon, normed, count);
    imprag_convert(number, normed, count, padded, out);
}

void imprag_gate(enum imprag_number number, float *gate, const float *up, size_t count, size_t padded, void *out) {
    imprag_kernels()->swiglu(gate, up, count);
    imprag_convert(number, gate, count, padded, out);
}

void imprag_rotate(float *x, size_t heads, size_t depth, const float *cosines, const float *sines) {
    size_t half = depth / 2;
    for (size_t head = 0; head < heads; head++, x += depth) {
        for (size_t i = 0; i < half; i++) {
            float low = x[i], high = x[i + half];
            x[i] = low * cosines[i] - high * sines[i];
            x[i + half] = high * cosines[i] + low * sines[i];
        }
    }
}

void imprag_add(const float *increment, float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] += increment[i];
}

double imprag_log_sum_exp(const float *x, size_t count) {
    const struct imprag_kernels *kernels = imprag_kernels();
    enum { block = 1024 };
    float powers[block], highest = kernels->highest(x, count);
    double sum = 0;
    for (size_t from = 0; from < count; from += block) {
        size_t part = count - from < block ? count - from : block;
        memcpy(powers, x + from, part * sizeof *powers);
        sum += kernels->exponentiate(powers, highest, part);
    }
    return highest + log(sum);
}

size_t imprag_largest(const float *x, size_t count) {
    float highest = imprag_kernels()->highest(x, count);
    for (size_t i = 0; i < count; i++)
        if (x[i] == highest) return i;
    return 0;
}
