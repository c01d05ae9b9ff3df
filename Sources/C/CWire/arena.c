#include "CWire.h"

#include <stdlib.h>

enum { CHUNK_SIZE = 16 * 1024, ALIGNMENT = 16, STACK_LIMIT = 128 * 1024 };

struct chunk {
    struct chunk *next;
    size_t used;
    size_t capacity;
    /* Keeps `bytes` at the alignment of malloc. */
    size_t padding;
    unsigned char bytes[];
};

struct imprag_arena {
    struct chunk *chunks;
    size_t left;
    size_t refusals;
    /* While unpacking: an address in the frame that began it. */
    uintptr_t stack_start;
    bool is_too_deep;
};

imprag_arena *imprag_arena_create(size_t budget)
{
    imprag_arena *arena = calloc(1, sizeof *arena);
    if (arena) arena->left = budget;
    return arena;
}

void imprag_arena_destroy(imprag_arena *arena)
{
    if (!arena) return;
    for (struct chunk *chunk = arena->chunks; chunk;) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    free(arena);
}

void *imprag_arena_allocate(imprag_arena *arena, size_t size)
{
    if (size > SIZE_MAX - ALIGNMENT - sizeof(struct chunk)) {
        arena->refusals++;
        return NULL;
    }
    size_t rounded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (rounded == 0) rounded = ALIGNMENT;
    if (rounded > arena->left) {
        arena->refusals++;
        return NULL;
    }
    struct chunk *chunk = arena->chunks;
    if (!chunk || chunk->capacity - chunk->used < rounded) {
        size_t capacity = rounded > CHUNK_SIZE ? rounded : CHUNK_SIZE;
        chunk = calloc(1, sizeof *chunk + capacity);
        if (!chunk) {
            arena->refusals++;
            return NULL;
        }
        chunk->capacity = capacity;
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    void *result = chunk->bytes + chunk->used;
    chunk->used += rounded;
    arena->left -= rounded;
    return result;
}

size_t imprag_arena_refusals(const imprag_arena *arena)
{
    return arena->refusals;
}

bool imprag_arena_is_too_deep(const imprag_arena *arena)
{
    return arena->is_too_deep;
}

/* protobuf-c comes here once for every message that it unpacks, and ends when it gets nothing: the place to bound how
 * deep it calls itself. */
static void *allocate(void *context, size_t size)
{
    imprag_arena *arena = context;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);
    uintptr_t depth = here < arena->stack_start ? arena->stack_start - here : here - arena->stack_start;
    if (depth > STACK_LIMIT) {
        arena->is_too_deep = true;
        return NULL;
    }
    return imprag_arena_allocate(arena, size);
}

/* Nothing is freed before the whole arena is. */
static void keep(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

Imprag__Envelope *imprag_arena_unpack_envelope(imprag_arena *arena, size_t length, const uint8_t *bytes)
{
    ProtobufCAllocator allocator = {.alloc = allocate, .free = keep, .allocator_data = arena};
    arena->stack_start = (uintptr_t)__builtin_frame_address(0);
    return imprag__envelope__unpack(&allocator, length, bytes);
}
