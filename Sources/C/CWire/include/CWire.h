/* The generated messages, and memory for packing and unpacking them that has a limit. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "imprag.pb-c.h"

/* Memory that is handed out piece by piece and freed at once. One owner, one thread at a time. */
typedef struct imprag_arena imprag_arena;

/* An arena that hands out at most `budget` bytes. NULL when memory is short. */
imprag_arena *imprag_arena_create(size_t budget);

void imprag_arena_destroy(imprag_arena *arena);

/* `size` zeroed bytes, aligned for any type; NULL beyond the budget or when memory is short. */
void *imprag_arena_allocate(imprag_arena *arena, size_t size);

/* Unpacks an envelope into the arena. NULL when the bytes are no envelope or need more than the arena's budget.
 *
 * A budget, because two bytes of a hostile message can make protobuf-c allocate a hundred. A limit of the stack too,
 * 128 KiB (honest messages need a third), because protobuf-c calls itself for every message inside a message: a filter
 * of a million levels would end the process. */
Imprag__Envelope *imprag_arena_unpack_envelope(imprag_arena *arena, size_t length, const uint8_t *bytes);

/* How often the arena said no: tells a message that is too big from one that is no message. */
size_t imprag_arena_refusals(const imprag_arena *arena);

/* Whether unpacking met messages that were nested too deeply. */
bool imprag_arena_is_too_deep(const imprag_arena *arena);
