/*
 * One product with a panel, for one type of number at one level of instructions. The including file defines
 *
 *   NAME(x)                   the names of these functions
 *   GIVEN, WEIGHT, SUM        types of the numbers in a, in the panel and in c
 *   GROUP, LANES              numbers in a group; columns in a vector
 *   ROWS, VECTORS             rows and vectors of columns that are kept in registers; VECTORS is 4, 2 or 1
 *   ACC, ZERO, LOAD_SUM(p), STORE_SUM(p, v)
 *   SPREAD, SPREAD_GROUP(p)   a vector of one group of a row, broadcast to all lanes
 *   WEIGHTS, LOAD_WEIGHTS(p)  LANES groups of the panel
 *   STEP(sum, row, weights)   sum + products
 *
 * and this file undefines those that differ from one float product to the next: all but SUM, ACC, ZERO, LOAD_SUM,
 * STORE_SUM and the sizes.
 */

static inline __attribute__((always_inline)) void NAME(tile)(const GIVEN *a, size_t a_stride, const WEIGHT *panel,
                                                             size_t width, size_t groups, SUM *c, size_t c_stride,
                                                             bool adds, const bool ahead, const int rows,
                                                             const int vectors) {
    ACC sums[ROWS][VECTORS];
    _Pragma("clang loop unroll(full)")
    for (int r = 0; r < rows; r++)
        _Pragma("clang loop unroll(full)")
        for (int v = 0; v < vectors; v++) sums[r][v] = adds ? LOAD_SUM(c + r * c_stride + v * LANES) : ZERO;
    for (size_t g = 0; g < groups; g++, panel += width * GROUP) {
        WEIGHTS weights[VECTORS];
        _Pragma("clang loop unroll(full)")
        for (int v = 0; v < vectors; v++) {
            weights[v] = LOAD_WEIGHTS(panel + v * LANES * GROUP);
            /*
             * With one row or two, memory bandwidth is the limit, and the hardware prefetcher looks too short a way
             * ahead.
             */
            if (ahead) __builtin_prefetch((const char *)(panel + v * LANES * GROUP) + 4096, 0, 3);
        }
        _Pragma("clang loop unroll(full)")
        for (int r = 0; r < rows; r++) {
            SPREAD row = SPREAD_GROUP(a + r * a_stride + g * GROUP);
            _Pragma("clang loop unroll(full)")
            for (int v = 0; v < vectors; v++) sums[r][v] = STEP(sums[r][v], row, weights[v]);
        }
    }
    _Pragma("clang loop unroll(full)")
    for (int r = 0; r < rows; r++)
        _Pragma("clang loop unroll(full)")
        for (int v = 0; v < vectors; v++) STORE_SUM(c + r * c_stride + v * LANES, sums[r][v]);
}

static inline __attribute__((always_inline)) void NAME(columns)(const GIVEN *a, size_t a_stride, size_t rows,
                                                                const WEIGHT *panel, size_t width, size_t groups,
                                                                SUM *c, size_t c_stride, bool adds,
                                                                const int vectors) {
#define TILE(count, ahead) NAME(tile)(a, a_stride, panel, width, groups, c, c_stride, adds, ahead, count, vectors)
    for (; rows >= ROWS; rows -= ROWS, a += ROWS * a_stride, c += ROWS * c_stride) TILE(ROWS, false);
    switch (rows) {
    case 1: TILE(1, true); break;
    case 2: TILE(2, true); break;
    case 3: TILE(3, false); break;
#if ROWS > 4
    case 4: TILE(4, false); break;
    case 5: TILE(5, false); break;
#endif
    default: break;
    }
#undef TILE
}

static void NAME(multiply)(const void *a_raw, size_t a_stride, size_t rows, const void *panel_raw, size_t width,
                           size_t groups, void *c_raw, size_t c_stride, bool adds) {
    /* A slice of the panel stays in the second-level cache while all rows pass over it; partial sums are kept in c. */
    const size_t block = 1024;
    const GIVEN *a = a_raw;
    const WEIGHT *panel = panel_raw;
    SUM *c = c_raw;
    for (size_t from = 0; from < groups; from += block) {
        size_t count = groups - from < block ? groups - from : block;
        const GIVEN *slice = a + from * GROUP;
        const WEIGHT *weights = panel + from * width * GROUP;
        bool more = adds || from > 0;
        size_t w = 0;
        for (; w + VECTORS * LANES <= width; w += VECTORS * LANES)
            NAME(columns)(slice, a_stride, rows, weights + w * GROUP, width, count, c + w, c_stride, more, VECTORS);
#if VECTORS > 2
        for (; w + 2 * LANES <= width; w += 2 * LANES)
            NAME(columns)(slice, a_stride, rows, weights + w * GROUP, width, count, c + w, c_stride, more, 2);
#endif
        for (; w < width; w += LANES)
            NAME(columns)(slice, a_stride, rows, weights + w * GROUP, width, count, c + w, c_stride, more, 1);
    }
}

#undef NAME
#undef GIVEN
#undef WEIGHT
#undef GROUP
#undef SPREAD
#undef SPREAD_GROUP
#undef WEIGHTS
#undef LOAD_WEIGHTS
#undef STEP
