/* Stored states placed in blocks, and attention over blocks; a part of kernels.c. */

static uint64_t checksum(uint64_t sum, const uint8_t *from, size_t count) {
    for (size_t i = 0; i < count; i++) sum = (sum ^ from[i]) * 0x100000001B3;
    return sum;
}

static struct imprag_codebook codebook(size_t heads, size_t depth) {
    size_t width = (depth + 15) / 16 * 16;
    int8_t *basis = (int8_t *)bytes(depth * depth, 1), *panel = guarded(width * depth);
    uint8_t *rows = guarded((depth + 1) * depth);
    int32_t *offsets = guarded(width * sizeof *offsets);
    for (size_t i = 0; i < depth * depth; i++) {
        if (basis[i] == -128) basis[i] = 1;
        rows[i] = (uint8_t)(128 + basis[i]);
        offsets[i / depth] += 128 * basis[i];
    }
    memset(rows + depth * depth, 1, depth);
    imprag_pack(imprag_int8, basis, depth, depth, depth, panel, width, depth / 4);
    return (struct imprag_codebook){(const int8_t *)bytes(depth * 256, 1), rows, panel, offsets, numbers(depth, 0.001f),
                                    numbers(heads * depth, 1)};
}

/* The checksum of what every form of stored states becomes in blocks. */
static uint64_t check_states(void) {
    uint64_t sum = 0xCBF29CE484222325;
    static const size_t depths[] = {4, 12, 64}, counts[] = {1, 31, 32, 33, 70};
    for (size_t d = 0; d < 3; d++)
        for (size_t c = 0; c < 5; c++)
            for (int number = imprag_f32; number <= imprag_bf16; number++) {
                size_t heads = 2, depth = depths[d], count = counts[c];
                size_t block = imprag_block_bytes((enum imprag_number)number, heads, depth);
                const void *blocks[3];
                for (size_t b = 0; b < 3; b++) blocks[b] = guarded((block + 63) / 64 * 64);
                struct imprag_state_place place = {(enum imprag_number)number, heads, depth, count, blocks, 0};
                struct imprag_codebook keys = codebook(heads, depth), values = codebook(heads, depth);
                /* Scales of int8 states: small bf16 numbers in front of each head's keys and values. */
                size_t head = 2 * depth + depth * count + 2 * count + depth * count;
                uint8_t *whole = bytes(heads * head, 0);
                for (size_t h = 0; h < heads; h++) {
                    uint8_t *key = whole + h * head, *value = key + 2 * depth + depth * count;
                    for (size_t i = 0; i < depth; i++) key[2 * i + 1] = 0x3C;
                    for (size_t i = 0; i < count; i++) value[2 * i + 1] = 0xBC;
                }
                for (int form = 0; form < 3; form++) {
                    bool placed = form == 0   ? imprag_place_bf16(&place, (const uint8_t *)brains(2 * heads * depth * count))
                                  : form == 1 ? imprag_place_int8(&place, whole)
                                              : imprag_place_codes(&place, bytes(heads * depth * count / 2, 0), &keys, &values);
                    check(placed, "states placed", imprag_level(), depth, count);
                    for (size_t b = 0; b < 3; b++) sum = checksum(sum, blocks[b], block);
                }
                forget();
            }
    return sum;
}

/* One query head's attention of row `row` in double precision, to a part and to own tokens. */
static void attend_plainly(const float *query, const float *keys, const float *values, size_t depth, size_t tokens,
                           double scale, double *out) {
    double most = -INFINITY, whole = 0, weights[256];
    for (size_t t = 0; t < tokens; t++) {
        weights[t] = 0;
        for (size_t d = 0; d < depth; d++) weights[t] += scale * query[d] * keys[t * depth + d];
        most = fmax(most, weights[t]);
    }
    for (size_t t = 0; t < tokens; t++) whole += weights[t] = exp(weights[t] - most);
    for (size_t d = 0; d < depth; d++) {
        out[d] = 0;
        for (size_t t = 0; t < tokens; t++) out[d] += weights[t] / whole * values[t * depth + d];
    }
}

static void check_attention(const char *level) {
    enum { depth = 20, rows = 7, first = 30, part = 45, all = part + first + rows };
    for (size_t group = 1; group < 5; group++) {
        float *keys = numbers(all * depth, 2), *values = numbers(all * depth, 1);
        float *queries = numbers(rows * group * depth, 2), *out = numbers(rows * group * depth, 0);
        size_t bytes = imprag_block_bytes(imprag_f32, 1, depth);
        const void *parts[2] = {guarded(bytes), guarded(bytes)}, *own[2] = {guarded(bytes), guarded(bytes)};
        for (size_t t = 0; t < all; t++) {
            const void *const *blocks = t < part ? parts : own;
            size_t place = t < part ? t : t - part;
            imprag_block_keep(imprag_f32, 1, depth, (void *)blocks[place / 32], place % 32, imprag_f32, keys + t * depth,
                              values + t * depth);
        }
        struct imprag_tokens tokens = {parts, part};
        struct imprag_attention job = {
            .number = imprag_f32, .heads = 1, .depth = depth, .group = group, .queries = queries,
            .query_stride = group * depth, .rows = rows, .parts = &tokens, .part_count = 1, .own_blocks = own,
            .first = first, .scale = 0.3f, .out = out, .out_stride = group * depth,
        };
        check(imprag_attend(&job, 0, 0, rows) == 0, "memory for attention", level, group, 0);
        for (size_t i = 0; i < rows * group; i++) {
            double expected[depth], error = 0;
            attend_plainly(queries + i * depth, keys, values, depth, part + first + i / group + 1, 0.3, expected);
            for (size_t d = 0; d < depth; d++) error = fmax(error, fabs(expected[d] - out[i * depth + d]));
            check(error < 1e-5, "attention", level, group, i);
        }
        forget();
    }
}
