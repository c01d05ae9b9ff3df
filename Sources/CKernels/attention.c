#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "CKernels.h"
#include "attention.h"

/* Room for one call, kept by the thread for the next. */
struct room {
    float *floats;
    size_t count;
};

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_room(void *raw) {
    free(((struct room *)raw)->floats);
    free(raw);
}

static void make_key(void) { pthread_key_create(&key, free_room); }

static float *room_for(size_t count) {
    pthread_once(&once, make_key);
    struct room *room = pthread_getspecific(key);
    if (room == NULL) {
        room = calloc(1, sizeof *room);
        if (room == NULL) return NULL;
        pthread_setspecific(key, room);
    }
    if (room->count < count) {
        free(room->floats);
        room->count = 0;
        room->floats = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
        if (room->floats == NULL) return NULL;
        room->count = count;
    }
    return room->floats;
}

/* Transposes [count x depth] with row stride `width` to columns of `to`, whose rows are `stride` apart; 16 x 16 tiles. */
static void transpose(const float *from, size_t width, size_t count, size_t depth, float *to, size_t stride) {
    for (size_t t0 = 0; t0 < count; t0 += 16) {
        size_t t1 = t0 + 16 < count ? t0 + 16 : count;
        for (size_t d = 0; d < depth; d++)
            for (size_t t = t0; t < t1; t++) to[d * stride + t] = from[t * width + d];
    }
}

/* Turns the scores of one row into weights: all tokens of `visible`, then zeros up to `padded`. Returns 1 / sum. */
static float soften(const struct imprag_kernels *kernels, float *scores, size_t visible, size_t padded) {
    float highest = kernels->highest(scores, visible);
    float sum = kernels->exponentiate(scores, highest, visible);
    memset(scores + visible, 0, (padded - visible) * sizeof *scores);
    return 1.0f / sum;
}

static void finish_row(const struct imprag_attention *job, size_t row, size_t head, const float *weights,
                       float inverse) {
    float *out = job->out + row * job->out_stride + head * job->depth;
    for (size_t d = 0; d < job->depth; d++) out[d] *= inverse;
    if (job->mass != NULL && row + 1 == job->rows)
        for (size_t t = 0; t < job->context_count; t++) job->mass[head * job->context_count + t] = weights[t] * inverse;
}

/* Few rows (a generated token): keys are read where they lie. */
static void attend_row(const struct imprag_kernels *kernels, const struct imprag_attention *job, size_t key_head,
                       size_t row, float *scores) {
    size_t column = key_head * job->depth, own = job->first + row + 1;
    for (size_t head = key_head * job->group; head < (key_head + 1) * job->group; head++) {
        const float *query = job->queries + row * job->query_stride + head * job->depth;
        for (size_t t = 0; t < job->context_count; t++)
            scores[t] = job->scale * kernels->dot(query, job->context_keys + t * job->width + column, job->depth);
        for (size_t t = 0; t < own; t++)
            scores[job->context_count + t] =
                job->scale * kernels->dot(query, job->own_keys + t * job->width + column, job->depth);
        float inverse = soften(kernels, scores, job->context_count + own, job->context_count + own);
        float *out = job->out + row * job->out_stride + head * job->depth;
        memset(out, 0, job->depth * sizeof *out);
        kernels->weigh(scores, 0, 1, job->context_values + column, job->width, job->context_count, job->depth, out, 0);
        kernels->weigh(scores + job->context_count, 0, 1, job->own_values + column, job->width, own, job->depth, out,
                       0);
        finish_row(job, row, head, scores, inverse);
    }
}

/* Many rows: keys are transposed once, and 4 rows share what they read. */
static void attend_rows(const struct imprag_kernels *kernels, const struct imprag_attention *job, size_t key_head,
                        float *room) {
    size_t column = key_head * job->depth, depth = job->depth, context = job->context_count;
    size_t total = context + job->first + job->rows;
    size_t stride = (total + 15) / 16 * 16;
    float *keys = room, *scores = room + depth * stride;
    if (context > 0) transpose(job->context_keys + column, job->width, context, depth, keys, stride);
    transpose(job->own_keys + column, job->width, total - context, depth, keys + context, stride);
    for (size_t head = key_head * job->group; head < (key_head + 1) * job->group; head++) {
        for (size_t row = 0; row < job->rows; row += 4) {
            size_t rows = job->rows - row < 4 ? job->rows - row : 4;
            size_t seen = context + job->first + row + rows;  /* by the last of these rows */
            kernels->scores(job->queries + row * job->query_stride + head * depth, job->query_stride, rows, keys,
                            stride, seen, depth, job->scale, scores, stride);
            float inverse[4];
            for (size_t r = 0; r < rows; r++)
                inverse[r] = soften(kernels, scores + r * stride, seen - (rows - 1 - r), seen);
            float *out = job->out + row * job->out_stride + head * depth;
            for (size_t r = 0; r < rows; r++) memset(out + r * job->out_stride, 0, depth * sizeof *out);
            if (context > 0)
                kernels->weigh(scores, stride, rows, job->context_values + column, job->width, context, depth, out,
                               job->out_stride);
            kernels->weigh(scores + context, stride, rows, job->own_values + column, job->width, seen - context, depth,
                           out, job->out_stride);
            for (size_t r = 0; r < rows; r++) finish_row(job, row + r, head, scores + r * stride, inverse[r]);
        }
    }
}

int imprag_attend(const struct imprag_attention *job, size_t key_head) {
    const struct imprag_kernels *kernels = imprag_kernels();
    size_t total = job->context_count + job->first + job->rows;
    size_t stride = (total + 15) / 16 * 16;
    if (job->rows < 4) {
        float *scores = room_for(stride);
        if (scores == NULL) return -1;
        for (size_t row = 0; row < job->rows; row++) attend_row(kernels, job, key_head, row, scores);
        return 0;
    }
    float *room = room_for((job->depth + 4) * stride);
    if (room == NULL) return -1;
    attend_rows(kernels, job, key_head, room);
    return 0;
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
