/*
 * One product with a panel, for one type of number at one level of instructions. The including file defines
 *
 *   NAME(x)                   the names of these functions
 *   GIVEN, WEIGHT, SUM        types of the numbers in a, in the panel and in c
 *   GROUP, LANES              numbers in a group; columns in a vector
 *   PARTS                     steps that a group takes, 1 where it is not defined; `part` is the one in hand
 *   ROWS, VECTORS             rows and vectors of columns that are kept in registers; VECTORS is 4, 2 or 1
 *   VECTORS_OF_1, VECTORS_OF_2
 *                             the same with one row and with two, at least VECTORS: where they are a whole panel of
 *                             weights, memory is read in one stream
 *   FEW_ROWS                  with at most so many, weights are fetched ahead
 *   ACC, ZERO, LOAD_SUM(p), STORE_SUM(p, v)
 *   SPREAD, SPREAD_GROUP(p)   a vector of one group of a row, or a part of it, broadcast to all lanes
 *   WEIGHTS, LOAD_WEIGHTS(p)  LANES groups of the panel, or this part of them
 *   STEP(sum, row, weights)   sum + products
 *   HIDE(row)                 nothing, but the compiler must take `row` for changed; only where STEP multiplies apart from
 *                             the sum, so that its products could be computed once for many sums
 *
 * and this file undefines those that differ from one float product to the next: all but SUM, ACC, ZERO, LOAD_SUM,
 * STORE_SUM and the sizes.
 */

#ifndef PARTS
#define PARTS 1
#endif
#ifndef HIDE
#define HIDE(row)
#endif

/* Where `ahead`, what stands at `next` is fetched: as much as is read, or, with one row, all columns. */
static inline __attribute__((always_inline)) void NAME(tile)(const GIVEN *a, size_t a_stride, const WEIGHT *panel,
                                                             size_t width, size_t groups, SUM *c, size_t c_stride,
                                                             bool adds, const bool ahead, const char *next,
                                                             const int rows, const int vectors) {
    ACC sums[ROWS][VECTORS_OF_1];
    _Pragma("clang loop unroll(full)")
    for (int r = 0; r < rows; r++)
        _Pragma("clang loop unroll(full)")
        for (int v = 0; v < vectors; v++) sums[r][v] = adds ? LOAD_SUM(c + r * c_stride + v * LANES) : ZERO;
    for (size_t g = 0; g < groups; g++, panel += width * GROUP) {
        if (rows == 1) {
            /*
             * All parts of one vector after another: what is read is used at once, and needs no second register.
             * Fetching ahead comes after it: before it, a twentieth of the memory's speed is lost.
             */
            _Pragma("clang loop unroll(full)")
            for (int v = 0; v < vectors; v++)
                _Pragma("clang loop unroll(full)")
                for (int part = 0; part < PARTS; part++)
                    sums[0][v] = STEP(sums[0][v], SPREAD_GROUP(a + g * GROUP + part),
                                      LOAD_WEIGHTS(panel + v * LANES * GROUP));
        }
        const size_t step = (rows == 1 ? width : vectors * LANES) * GROUP * sizeof *panel;
        if (ahead)
            for (size_t line = 0; line < step; line += 64, next += 64) __builtin_prefetch(next, 0, 3);
        if (rows == 1) continue;
        _Pragma("clang loop unroll(full)")
        for (int part = 0; part < PARTS; part++) {
            WEIGHTS weights[VECTORS_OF_1];
            _Pragma("clang loop unroll(full)")
            for (int v = 0; v < vectors; v++) weights[v] = LOAD_WEIGHTS(panel + v * LANES * GROUP);
            _Pragma("clang loop unroll(full)")
            for (int r = 0; r < rows; r++) {
                SPREAD row = SPREAD_GROUP(a + r * a_stride + g * GROUP + part);
                _Pragma("clang loop unroll(full)")
                for (int v = 0; v < vectors; v++) sums[r][v] = STEP(sums[r][v], row, weights[v]);
            }
        }
    }
    _Pragma("clang loop unroll(full)")
    for (int r = 0; r < rows; r++)
        _Pragma("clang loop unroll(full)")
        for (int v = 0; v < vectors; v++) STORE_SUM(c + r * c_stride + v * LANES, sums[r][v]);
}

static inline __attribute__((always_inline)) void NAME(columns)(const GIVEN *a, size_t a_stride, size_t rows,
                                                                const WEIGHT *panel, size_t width, size_t groups,
                                                                SUM *c, size_t c_stride, bool adds, bool ahead,
                                                                const char *next, const int vectors) {
#define TILE(count)                                                                                              \
    do {                                                                                                         \
        if (ahead) NAME(tile)(a, a_stride, panel, width, groups, c, c_stride, adds, true, next, count, vectors); \
        else NAME(tile)(a, a_stride, panel, width, groups, c, c_stride, adds, false, next, count, vectors);      \
    } while (false)
    for (size_t count; rows > 0; rows -= count, a += count * a_stride, c += count * c_stride) {
        /* The last two tiles are alike: one of a row or two has too few sums to hide how long each step takes. */
        count = rows <= ROWS ? rows : rows < 2 * ROWS ? (rows + 1) / 2 : ROWS;
        switch (count) {
        case 1: TILE(1); break;
        case 2: TILE(2); break;
        case 3: TILE(3); break;
#if ROWS > 4
        case 4: TILE(4); break;
        case 5: TILE(5); break;
#endif
        default: TILE(ROWS); break;
        }
        ahead = false;
    }
#undef TILE
}

static void NAME(multiply)(const void *a_raw, size_t a_stride, size_t rows, const void *panel_raw, size_t width,
                           size_t groups, void *c_raw, size_t c_stride, bool adds) {
    /* Then reading the weights takes as long as multiplying them. */
    const bool few = rows <= FEW_ROWS;
    /*
     * A slice of the panel stays in the second-level cache while all rows pass over it; partial sums are kept in c. With
     * few rows it is short enough for the first-level cache, and each pass fetches its share of the slice behind: passes
     * that only multiply would leave the memory idle.
     */
    const bool shares = few && rows > 1;
    const size_t block = shares && VECTORS * LANES < width ? 32 : 1024;
    const GIVEN *a = a_raw;
    const WEIGHT *panel = panel_raw;
    SUM *c = c_raw;
    for (size_t from = 0; from < groups; from += block) {
        size_t count = groups - from < block ? groups - from : block;
        const GIVEN *slice = a + from * GROUP;
        const WEIGHT *weights = panel + from * width * GROUP;
        bool more = adds || from > 0;
        size_t w = 0;
        const size_t ahead = shares && block < 1024 ? width * count * GROUP * sizeof(WEIGHT) : 4096;
#define PASSES(vectors)                                                                                            \
    for (; w + (vectors) * LANES <= width; w += (vectors) * LANES)                                                 \
        NAME(columns)(slice, a_stride, rows, weights + w * GROUP, width, count, c + w, c_stride, more,             \
                      shares || (few && w == 0), (const char *)(weights + w * count * GROUP) + ahead, vectors)
        if (rows == 1) PASSES(VECTORS_OF_1);
        if (rows == 2) PASSES(VECTORS_OF_2);
        PASSES(VECTORS);
#if VECTORS > 2
        PASSES(2);
#endif
        PASSES(1);
#undef PASSES
    }
}

/* The multiply-adds of `rounds` times a whole tile whose operands are in registers: the most that can be done a second. */
static __attribute__((unused)) uint64_t NAME(peak)(size_t rounds) {
    GIVEN a[GROUP] = {0};
    WEIGHT panel[LANES * GROUP] = {0};
    SUM c[ROWS * VECTORS * LANES];
    __asm__ volatile("" : : "r"(a), "r"(panel) : "memory");
    const int part = 0, rows = 1;
    (void)part, (void)rows;
    SPREAD row = SPREAD_GROUP(a);
    WEIGHTS weights = LOAD_WEIGHTS(panel);
    ACC sums[ROWS * VECTORS];
    _Pragma("clang loop unroll(full)")
    for (int i = 0; i < ROWS * VECTORS; i++) sums[i] = ZERO;
    for (size_t n = 0; n < rounds; n++)
        _Pragma("clang loop unroll(full)")
        for (int i = 0; i < ROWS * VECTORS; i++) {
            HIDE(row);
            sums[i] = STEP(sums[i], row, weights);
        }
    _Pragma("clang loop unroll(full)")
    for (int i = 0; i < ROWS * VECTORS; i++) STORE_SUM(c + i * LANES, sums[i]);
    __asm__ volatile("" : : "r"(c) : "memory");
    return (uint64_t)rounds * ROWS * VECTORS * LANES * GROUP / PARTS;
}

#undef NAME
#undef GIVEN
#undef WEIGHT
#undef GROUP
#undef PARTS
#undef SPREAD
#undef SPREAD_GROUP
#undef WEIGHTS
#undef LOAD_WEIGHTS
#undef STEP
#undef HIDE
