#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Products of rows with panels: the one product of the model, for its weights as for its keys and values.
 *
 * A panel holds `width` columns (a multiple of 16) of `groups` groups of numbers, laid out as the processor's products
 * of pairs (bf16) and fours (int8) read them:
 *
 *     number p of group g of column w stands at (g * width + w) * G + p,  G = 1 (float32), 2 (bf16), 4 (int8)
 *
 * Every sum runs over the groups in ascending order in one accumulator. So a row's result has the same bits whatever
 * rows are multiplied beside it, and however many.
 */
/* imprag_grouped is no number of panels: its weights come in strips (grouped.h). */
enum imprag_number { imprag_f32 = 0, imprag_bf16 = 1, imprag_int8 = 2, imprag_grouped = 3 };

struct imprag_panel_kernels {
    const char *name;

    /*
     * The rows that go with bf16 panels: bf16 where the processor multiplies bf16, else float32. The panel is widened
     * then, and rounding the rows would lose precision and gain nothing.
     */
    enum imprag_number bf16_rows;

    /*
     * c[r * c_stride + w] = sum over g and p of a[r * a_stride + g * G + p] * panel[g][w][p], added to what stands in c
     * where `adds`. By the panel's number: float panels and rows, float sums; bf16 panels and rows of `bf16_rows`,
     * float sums; int8_t panels and uint8_t rows, int32_t sums.
     */
    void (*multiply[3])(const void *a, size_t a_stride, size_t rows, const void *panel, size_t width, size_t groups,
                        void *c, size_t c_stride, bool adds);

    /*
     * Multiplies and adds numbers that stand in registers, by the panel's number, for a time that grows with `rounds`,
     * and returns how often: the processor's own limit of such products. They are not bound by one another's results.
     */
    uint64_t (*peak[3])(size_t rounds);
};

/* As imprag_kernels and imprag_kernels_named. */
const struct imprag_panel_kernels *imprag_panel_kernels(void);
const struct imprag_panel_kernels *imprag_panel_kernels_named(const char *name);

/* The rows that go with panels of this number. */
enum imprag_number imprag_rows_beside(const struct imprag_panel_kernels *kernels, enum imprag_number panel);

/* Numbers in a group. */
size_t imprag_group(enum imprag_number number);
/* Bytes of a number. */
size_t imprag_number_bytes(enum imprag_number number);

/*
 * Lays `rows` rows (1 to `width`) of `depth` numbers, `stride` numbers apart, out as the columns of one panel; numbers
 * beyond them are zero. Both sides have the same type of number.
 */
void imprag_pack(enum imprag_number number, const void *rows_from, size_t stride, size_t rows, size_t depth, void *panel,
                 size_t width, size_t groups);

/* The number at `depth` of column `column`: the inverse of imprag_pack for one number. */
size_t imprag_panel_place(enum imprag_number number, size_t width, size_t column, size_t depth);

/*
 * Asks for large pages behind these bytes, where the system has them: reading weights then misses the TLB less often.
 */
void imprag_use_large_pages(void *bytes, size_t count);

/* A checksum of `count` bytes (a multiple of 64), for measuring how fast they are read. */
uint64_t imprag_read_all(const void *bytes, size_t count);
