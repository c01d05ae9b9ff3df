#include "attention.h"

#include <string.h>

#include "CKernels.h"
#include "blocks.h"

size_t imprag_block_bytes(enum imprag_number number, size_t heads, size_t depth) {
    return heads * head_layout(number, depth).whole;
}

/* `count` numbers of one type, f32 or bf16, as another. */
static void convert(enum imprag_number from, const void *numbers, enum imprag_number to, void *out, size_t count) {
    if (from == to)
        memcpy(out, numbers, count * imprag_number_bytes(to));
    else if (to == imprag_bf16)
        imprag_kernels()->narrow(numbers, out, count);
    else
        imprag_kernels()->widen(numbers, out, count);
}

void imprag_block_keep(enum imprag_number number, size_t heads, size_t depth, void *layer, size_t slot,
                       enum imprag_number given, const void *keys, const void *values) {
    enum { most = 64 };
    struct head_layout layout = head_layout(number, depth);
    size_t given_bytes = imprag_number_bytes(given), from = 0;
    for (size_t head = 0; head < heads; head++) {
        char *base = (char *)layer + head * layout.whole;
        for (size_t d0 = 0, count; d0 < depth; d0 += count, from += count) {
            count = depth - d0 < most ? depth - d0 : most;
            const char *key = (const char *)keys + from * given_bytes;
            const char *value = (const char *)values + from * given_bytes;
            if (number == imprag_f32) {
                float wide[most], *to_keys = (float *)base + slot;
                convert(given, key, number, wide, count);
                for (size_t d = 0; d < count; d++) to_keys[(d0 + d) * imprag_block_tokens] = wide[d];
                convert(given, value, number, (float *)(base + layout.keys) + slot * layout.value_width + d0, count);
                continue;
            }
            /* A key's numbers go in pairs into one column, a value's one by one into every other place of a row. */
            uint16_t narrow[2][most];
            uint32_t *to_keys = (uint32_t *)base + slot;
            uint16_t *to_values = (uint16_t *)(base + layout.keys) + slot / 2 * layout.value_width * 2 + slot % 2;
            convert(given, key, number, narrow[0], count);
            convert(given, value, number, narrow[1], count);
            if (count % 2 != 0) narrow[0][count] = 0;
            for (size_t d = 0; d < count; d += 2)
                memcpy(to_keys + (d0 + d) / 2 * imprag_block_tokens, narrow[0] + d, sizeof *to_keys);
            for (size_t d = 0; d < count; d++) to_values[2 * (d0 + d)] = narrow[1][d];
        }
    }
}

void imprag_block_recall(enum imprag_number number, size_t heads, size_t depth, const void *layer, size_t slot,
                         void *keys, void *values) {
    struct head_layout layout = head_layout(number, depth);
    for (size_t head = 0; head < heads; head++) {
        const char *base = (const char *)layer + head * layout.whole;
        if (number == imprag_f32) {
            float *key = (float *)keys + head * depth;
            for (size_t d = 0; d < depth; d++) key[d] = ((const float *)base)[d * imprag_block_tokens + slot];
            memcpy((float *)values + head * depth, (const float *)(base + layout.keys) + slot * layout.value_width,
                   depth * sizeof *key);
            continue;
        }
        uint16_t *key = (uint16_t *)keys + head * depth, *value = (uint16_t *)values + head * depth;
        const uint16_t *from_keys = (const uint16_t *)base + 2 * slot;
        const uint16_t *from_values =
            (const uint16_t *)(base + layout.keys) + slot / 2 * layout.value_width * 2 + slot % 2;
        for (size_t d = 0; d < depth; d++) key[d] = from_keys[d / 2 * imprag_block_tokens * 2 + d % 2];
        for (size_t d = 0; d < depth; d++) value[d] = from_values[2 * d];
    }
}

static size_t blocks_of(size_t tokens) { return (tokens + imprag_block_tokens - 1) / imprag_block_tokens; }

/*
 * Turns one row's scores of tokens from...end - 1 into weights, and those of the other columns into 0. Returns their
 * sum.
 */
static float soften(const struct imprag_kernels *kernels, float *scores, size_t from, size_t end, size_t columns,
                    float highest) {
    float sum = kernels->exponentiate(scores + from, highest, end - from);
    memset(scores, 0, from * sizeof *scores);
    memset(scores + end, 0, (columns - end) * sizeof *scores);
    return sum;
}

/* The scores of one row, turned into weights that still lack the factor that is returned. */
static float soften_row(const struct imprag_kernels *kernels, const struct imprag_attention *job, float *scores,
                        size_t own, size_t own_columns) {
    float highest = kernels->highest(scores, 0), sum = 0;
    /* What a row sees depends on its place in the sequence alone, however rows are batched. */
    size_t own_from = job->window > 0 && own > job->window ? own - job->window : 0;
    float *part = scores;
    for (size_t p = 0; p < job->part_count; p++) {
        float most = kernels->highest(part, job->parts[p].count);
        highest = most > highest ? most : highest;
        part += blocks_of(job->parts[p].count) * imprag_block_tokens;
    }
    float most = kernels->highest(part + own_from, own - own_from);
    highest = most > highest ? most : highest;
    part = scores;
    for (size_t p = 0; p < job->part_count; p++) {
        size_t columns = blocks_of(job->parts[p].count) * imprag_block_tokens;
        sum += soften(kernels, part, 0, job->parts[p].count, columns, highest);
        part += columns;
    }
    sum += soften(kernels, part, own_from, own, own_columns, highest);
    return 1.0f / sum;
}

static void measure(const struct imprag_attention *job, const float *weights, size_t row, size_t query_head,
                    float inverse) {
    float *mass = job->mass + ((row - job->mass_from) * job->heads * job->group + query_head) * job->span_count;
    for (size_t s = 0; s < job->span_count; s++) {
        const float *span = weights + job->spans[2 * s];
        float sum = 0;
        for (size_t t = 0; t < job->spans[2 * s + 1]; t++) sum += span[t];
        mass[s] = sum * inverse;
    }
}

/* Adds one row's weights of its own tokens to the sums of these rows. */
static void collect(const float *restrict weights, size_t visible, float inverse, uint32_t *restrict sums) {
    float factor = inverse * 0x1p20f;
    for (size_t t = 0; t < visible; t++) sums[t] += (uint32_t)(int32_t)(weights[t] * factor);
}

/*
 * Floats as bf16 numbers and, in bf16 too, what rounding left of them: the sum of the two products is nearly as precise
 * as one of floats, and only keys and values are rounded.
 */
static void split(const struct imprag_kernels *kernels, const float *x, size_t count, size_t padded, uint16_t *numbers,
                  uint16_t *rests) {
    float rest[64];
    kernels->narrow(x, numbers, count);
    for (size_t from = 0; from < count; from += 64) {
        size_t part = count - from < 64 ? count - from : 64;
        kernels->widen(numbers + from, rest, part);
        for (size_t i = 0; i < part; i++) rest[i] = x[from + i] - rest[i];
        kernels->narrow(rest, rests + from, part);
    }
    memset(numbers + count, 0, (padded - count) * sizeof *numbers);
    memset(rests + count, 0, (padded - count) * sizeof *rests);
}

/* Where one head's blocks are: the parts' first, the own tokens' last. */
struct walk {
    const struct imprag_attention *job;
    size_t head_offset, own_blocks;
};

static const void *block_at(const struct walk *walk, size_t part, size_t index) {
    const struct imprag_attention *job = walk->job;
    const char *base = part < job->part_count ? (const char *)job->parts[part].blocks[index] + job->part_offset
                                              : (const char *)job->own_blocks[index] + job->own_offset;
    return base + walk->head_offset;
}

static size_t block_count(const struct walk *walk, size_t part) {
    return part < walk->job->part_count ? blocks_of(walk->job->parts[part].count) : walk->own_blocks;
}

/* What one call computes, and its room. `given` is what queries and weights are made of, for products with blocks. */
struct task {
    const struct imprag_attention *job;
    size_t key_head, from, rows;
    struct walk walk;
    struct head_layout layout;
    void (*multiply)(const void *, size_t, size_t, const void *, size_t, size_t, void *, size_t, bool);
    enum imprag_number given;
    bool splits; /* two copies of queries and weights in bf16, the second of what rounding left */
    size_t query_padded, columns, own_columns;
    char *queries;      /* [rows][query_padded], once or twice */
    float *scores;      /* [rows][columns] */
    float *sums;        /* [rows][value_width] */
    char *weights;      /* [rows][columns], once or twice; the scores themselves where they are not rounded */
    float *inverse;     /* [rows] */
    uint32_t *received; /* [own_columns], or NULL */
};

static bool make_room(struct task *task) {
    size_t given_bytes = imprag_number_bytes(task->given), copies = task->splits ? 2 : 1;
    bool narrows = task->given != imprag_f32;
    size_t query_bytes = rounded(copies * task->rows * task->query_padded * given_bytes, 64),
           score_bytes = task->rows * task->columns * 4, sum_bytes = task->rows * task->layout.value_width * 4,
           weight_bytes = narrows ? rounded(copies * task->rows * task->columns * given_bytes, 4) : 0,
           received_bytes = task->job->received == NULL ? 0 : task->own_columns * 4;
    char *room = imprag_room(query_bytes + score_bytes + sum_bytes + weight_bytes + task->rows * 4 + received_bytes);
    if (room == NULL) return false;
    task->queries = room;
    task->scores = (float *)(room += query_bytes);
    task->sums = (float *)(room += score_bytes);
    task->weights = narrows ? room + sum_bytes : (char *)task->scores;
    task->inverse = (float *)(room += sum_bytes + weight_bytes);
    task->received = received_bytes == 0 ? NULL : (uint32_t *)(task->inverse + task->rows);
    if (task->received != NULL) memset(task->received, 0, received_bytes);
    return true;
}

/* q / sqrt(d_h). Query heads of one token stand one below the other: all of them read the same keys. */
static void take_queries(const struct task *task) {
    const struct imprag_attention *job = task->job;
    size_t padded = task->query_padded;
    for (size_t r = 0; r < task->rows; r++) {
        size_t token = task->from + r / job->group, head = task->key_head * job->group + r % job->group;
        const float *query = job->queries + token * job->query_stride + head * job->depth;
        float *scaled = task->sums; /* not in use yet; at least one row of `depth` */
        for (size_t d = 0; d < job->depth; d++) scaled[d] = query[d] * job->scale;
        if (task->splits) {
            uint16_t *numbers = (uint16_t *)task->queries + r * padded;
            split(imprag_kernels(), scaled, job->depth, padded, numbers, numbers + task->rows * padded);
        } else {
            imprag_convert(task->given, scaled, job->depth, padded,
                           task->queries + r * padded * imprag_number_bytes(task->given));
        }
    }
}

/* Scores: queries times keys, block by block. */
static void score(const struct task *task) {
    size_t padded = task->query_padded, column = 0;
    const uint16_t *rests = (const uint16_t *)task->queries + task->rows * padded;
    for (size_t p = 0; p <= task->job->part_count; p++)
        for (size_t b = 0; b < block_count(&task->walk, p); b++, column += imprag_block_tokens) {
            const void *keys = block_at(&task->walk, p, b);
            task->multiply(task->queries, padded, task->rows, keys, imprag_block_tokens, task->layout.key_groups,
                           task->scores + column, task->columns, false);
            if (task->splits)
                task->multiply(rests, padded, task->rows, keys, imprag_block_tokens, task->layout.key_groups,
                               task->scores + column, task->columns, true);
        }
}

/* Softmax of each row's scores, and whatever is counted of it. */
static void weigh(const struct task *task) {
    const struct imprag_kernels *kernels = imprag_kernels();
    const struct imprag_attention *job = task->job;
    size_t columns = task->columns, own = columns - task->own_columns;
    for (size_t r = 0; r < task->rows; r++) {
        size_t token = task->from + r / job->group, query_head = task->key_head * job->group + r % job->group;
        float *row = task->scores + r * columns;
        task->inverse[r] = soften_row(kernels, job, row, job->first + token + 1, task->own_columns);
        if (job->mass != NULL && token >= job->mass_from) measure(job, row, token, query_head, task->inverse[r]);
        if (job->received != NULL) collect(row + own, job->first + token + 1, task->inverse[r], task->received);
        if (task->given == imprag_f32) continue;
        uint16_t *numbers = (uint16_t *)task->weights + r * columns;
        if (task->splits)
            split(kernels, row, columns, columns, numbers, numbers + task->rows * columns);
        else
            kernels->narrow(row, numbers, columns);
    }
}

/* Weights times values, block by block. */
static void add_values(const struct task *task) {
    size_t width = task->layout.value_width, groups = imprag_block_tokens / imprag_group(task->job->number), column = 0;
    const uint16_t *rests = (const uint16_t *)task->weights + task->rows * task->columns;
    for (size_t p = 0; p <= task->job->part_count; p++)
        for (size_t b = 0; b < block_count(&task->walk, p); b++, column += imprag_block_tokens) {
            const char *values = (const char *)block_at(&task->walk, p, b) + task->layout.keys;
            task->multiply(task->weights + column * imprag_number_bytes(task->given), task->columns, task->rows, values,
                           width, groups, task->sums, width, column > 0);
            if (task->splits)
                task->multiply(rests + column, task->columns, task->rows, values, width, groups, task->sums, width, true);
        }
}

static void put_out(const struct task *task) {
    const struct imprag_attention *job = task->job;
    for (size_t r = 0; r < task->rows; r++) {
        size_t token = task->from + r / job->group, head = task->key_head * job->group + r % job->group;
        const float *sums = task->sums + r * task->layout.value_width;
        float *out = job->out + token * job->out_stride + head * job->depth;
        for (size_t d = 0; d < job->depth; d++) out[d] = sums[d] * task->inverse[r];
    }
    if (job->received == NULL) return;
    uint64_t *received = job->received + task->key_head * job->received_stride;
    for (size_t t = 0; t < job->first + task->from + task->rows / job->group; t++)
        __atomic_fetch_add(&received[t], task->received[t], __ATOMIC_RELAXED);
}

int imprag_attend(const struct imprag_attention *job, size_t key_head, size_t from, size_t count) {
    struct head_layout layout = head_layout(job->number, job->depth);
    struct task task = {
        .job = job,
        .key_head = key_head,
        .from = from,
        .rows = count * job->group,
        .walk = {job, key_head * layout.whole, blocks_of(job->first + from + count)},
        .layout = layout,
        .multiply = imprag_panel_kernels()->multiply[job->number],
        .given = imprag_rows_beside(imprag_panel_kernels(), job->number),
        .query_padded = layout.key_groups * imprag_group(job->number),
    };
    task.splits = task.given != imprag_f32 && !job->rounds;
    task.own_columns = task.walk.own_blocks * imprag_block_tokens;
    for (size_t p = 0; p <= job->part_count; p++) task.columns += block_count(&task.walk, p) * imprag_block_tokens;
    if (!make_room(&task)) return -1;
    take_queries(&task);
    score(&task);
    weigh(&task);
    add_values(&task);
    put_out(&task);
    return 0;
}
