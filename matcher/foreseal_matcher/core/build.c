/* Building an index: for each band a counting sort of the rows by the block of their key, then of each block. */
#include "search.h"

#include <string.h>

#define AT_ONCE 128     /* rows */
#define SORTED_ASIDE 2048 /* rows of one block that are sorted by copying them */

typedef struct {
    uint32_t from_byte[FORESEAL_HASH_BYTES][256]; /* what each value of each byte adds to the key */
    uint8_t bytes[FORESEAL_HASH_BYTES];           /* the bytes that add anything */
    uint32_t count;
} keys;

static void tabulate(keys *table, uint32_t from, uint32_t bits)
{
    memset(table, 0, sizeof *table);
    for (uint32_t byte = 0; byte < FORESEAL_HASH_BYTES; byte++) {
        uint8_t hash[FORESEAL_HASH_BYTES] = {0};
        hash[byte] = 255;
        if (!foreseal_key(hash, from, bits))
            continue;
        table->bytes[table->count++] = (uint8_t)byte;
        for (uint32_t value = 0; value < 256; value++) {
            hash[byte] = (uint8_t)value;
            table->from_byte[byte][value] = foreseal_key(hash, from, bits);
        }
    }
}

static uint32_t key_of(const keys *table, const uint8_t *hash)
{
    uint32_t key = 0;
    for (uint32_t at = 0; at < table->count; at++)
        key |= table->from_byte[table->bytes[at]][hash[table->bytes[at]]];
    return key;
}

typedef struct {
    const keys *table;
    const uint8_t *column;
    uint32_t low; /* bits of a key that say which bucket of its block it is */
} keyed;

/* What the keys of the next rows lead to is asked for before it is needed: blocks lie anywhere in memory, and without
 * this nearly all of the time goes into waiting for them. Returns how many there are. */
static uint64_t next_blocks(const keyed *by, uint64_t row, uint64_t count, const uint64_t *blocks,
                            const uint64_t *found[AT_ONCE])
{
    const uint64_t some = count - row < AT_ONCE ? count - row : AT_ONCE;
    for (uint64_t at = 0; at < some; at++) {
        const uint32_t key = key_of(by->table, by->column + (row + at) * FORESEAL_HASH_BYTES);
        found[at] = blocks + (uint64_t)(key >> by->low) * FORESEAL_BLOCK_WORDS;
        PREFETCH(found[at]);
    }
    return some;
}

/* Rows into blocks, ascending in each; the first word of each block comes to hold the number of rows before it. */
static void rows_by_block(const keyed *by, uint64_t count, uint64_t block_count, uint64_t *blocks, uint32_t *rows)
{
    const uint64_t *found[AT_ONCE];
    uint64_t sum = 0;
    for (uint64_t row = 0; row < count; row += AT_ONCE) {
        const uint64_t some = next_blocks(by, row, count, blocks, found);
        for (uint64_t at = 0; at < some; at++)
            blocks[found[at] - blocks]++;
    }
    for (uint64_t block = 0; block <= block_count; block++) {
        const uint64_t held = blocks[block * FORESEAL_BLOCK_WORDS];
        blocks[block * FORESEAL_BLOCK_WORDS] = sum;
        sum += held;
    }
    for (uint64_t row = 0; row < count; row += AT_ONCE) {
        uint64_t places[AT_ONCE];
        const uint64_t some = next_blocks(by, row, count, blocks, found);
        for (uint64_t at = 0; at < some; at++) {
            places[at] = blocks[found[at] - blocks]++;
            PREFETCH(rows + places[at]);
        }
        for (uint64_t at = 0; at < some; at++)
            rows[places[at]] = (uint32_t)(row + at);
    }
    /* Filling moved each number to where the next block starts. */
    for (uint64_t block = block_count; block; block--)
        blocks[block * FORESEAL_BLOCK_WORDS] = blocks[(block - 1) * FORESEAL_BLOCK_WORDS];
    blocks[0] = 0;
}

/* Which of the buckets of its block a row lies in. */
static uint8_t bucket_of(const keyed *by, uint32_t row)
{
    const uint32_t key = key_of(by->table, by->column + (uint64_t)row * FORESEAL_HASH_BYTES);
    return (uint8_t)(key & ((1u << by->low) - 1));
}

static void reverse(uint32_t *rows, uint64_t count)
{
    for (uint64_t at = 0; at < count / 2; at++) {
        const uint32_t kept = rows[at];
        rows[at] = rows[count - 1 - at];
        rows[count - 1 - at] = kept;
    }
}

/* Rows without this bit of their bucket in front of those with it, the order of each kept, in place: a list made to
 * fill one block must not need memory that grows with it. Returns how many come first. */
static uint64_t part_by(const keyed *by, uint8_t bit, uint32_t *rows, uint64_t count)
{
    if (count == 1)
        return !(bucket_of(by, rows[0]) & bit);
    const uint64_t half = count / 2;
    const uint64_t first = part_by(by, bit, rows, half), second = part_by(by, bit, rows + half, count - half);
    reverse(rows + first, half - first);
    reverse(rows + half, second);
    reverse(rows + first, half - first + second);
    return first + second;
}

/* Sorts one block's rows by bucket, keeping their order in each, and counts them. */
static void sort_block(const keyed *by, uint32_t *rows, uint64_t count, uint32_t held[256])
{
    uint32_t aside[SORTED_ASIDE], at[256], sum = 0;
    uint8_t bucket[SORTED_ASIDE];
    memset(held, 0, 256 * sizeof held[0]);
    if (count > SORTED_ASIDE) {
        for (uint32_t bit = 0; bit < by->low; bit++)
            part_by(by, (uint8_t)(1 << bit), rows, count);
        return; /* far too many for their marks to be written */
    }
    for (uint64_t row = 0; row < count; row++) {
        aside[row] = rows[row];
        bucket[row] = bucket_of(by, rows[row]);
        held[bucket[row]]++;
    }
    for (int each = 0; each < 256; each++) {
        at[each] = sum;
        sum += held[each];
    }
    for (uint64_t row = 0; row < count; row++)
        rows[at[bucket[row]]++] = aside[row];
}

static void write_marks(const keyed *by, uint64_t *block, uint64_t rows, const uint32_t held[256])
{
    uint32_t place = FORESEAL_FIRST_MARK;
    block[0] |= UINT64_MAX << FORESEAL_FIRST_MARK;
    for (int word = 1; word < FORESEAL_BLOCK_WORDS; word++)
        block[word] = UINT64_MAX;
    if ((1u << by->low) + rows > FORESEAL_BLOCK_BITS - FORESEAL_FIRST_MARK)
        return;
    for (uint32_t bucket = 0; bucket < 1u << by->low; bucket++, place++) {
        place += held[bucket];
        block[place / 64] &= ~(UINT64_C(1) << place % 64);
    }
}

int32_t foreseal_index_build(const uint8_t *column, uint64_t count, const foreseal_band *bands, uint64_t band_count,
                             uint64_t band, uint8_t *body, uint64_t body_size)
{
    const uint64_t size = foreseal_index_size(count, bands, band_count);
    uint32_t from = 0, held[256];
    keys table;
    if ((!column && count) || !body || !size || band >= band_count)
        return FORESEAL_BAD_ARGUMENT;
    if (size != body_size)
        return FORESEAL_BAD_INDEX;
    for (uint64_t at = 0; at < band; at++) {
        from += bands[at].bits;
        body += foreseal_blocks_bytes(bands[at].bits, count) + FORESEAL_ROWS_BYTES(count);
    }
    const uint64_t blocks_bytes = foreseal_blocks_bytes(bands[band].bits, count);
    const keyed by = {&table, column, foreseal_block_of(bands[band].bits, count)};
    const uint64_t block_count = (UINT64_C(1) << bands[band].bits) >> by.low;
    uint64_t *block = (uint64_t *)(void *)body;
    uint32_t *rows = (uint32_t *)(void *)(body + blocks_bytes);
    memset(body, 0, blocks_bytes + FORESEAL_ROWS_BYTES(count));
    tabulate(&table, from, bands[band].bits);
    rows_by_block(&by, count, block_count, block, rows);
    for (uint64_t at = 0; at < block_count; at++, block += FORESEAL_BLOCK_WORDS) {
        const uint64_t start = block[0], stop = block[FORESEAL_BLOCK_WORDS];
        for (uint64_t row = start + AT_ONCE; row < stop + AT_ONCE && row < count; row++)
            PREFETCH(column + (uint64_t)rows[row] * FORESEAL_HASH_BYTES);
        sort_block(&by, rows + start, stop - start, held);
        write_marks(&by, block, stop - start, held);
    }
    return 0;
}

int32_t foreseal_ascending(const uint8_t *rows, uint64_t count, uint64_t width)
{
    for (uint64_t row = 1; row < count; row++)
        if (memcmp(rows + (row - 1) * width, rows + row * width, width) > 0)
            return 0;
    return 1;
}
