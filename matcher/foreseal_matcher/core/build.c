/* Building an index: for each band a counting sort of the rows by their key. */
#include "search.h"

#include <string.h>

#define AT_ONCE 128 /* rows */

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

/* What the keys of the next rows lead to is asked for before it is needed: buckets lie anywhere in memory, and
 * without this nearly all of the time goes into waiting for them. Returns how many keys there are. */
static uint64_t next_keys(const keys *table, const uint8_t *column, uint64_t row, uint64_t count,
                          const uint32_t *starts, uint32_t found[AT_ONCE])
{
    const uint64_t some = count - row < AT_ONCE ? count - row : AT_ONCE;
    for (uint64_t at = 0; at < some; at++) {
        found[at] = key_of(table, column + (row + at) * FORESEAL_HASH_BYTES);
        PREFETCH(starts + found[at]);
    }
    return some;
}

int32_t foreseal_index_build(const uint8_t *column, uint64_t count, const foreseal_band *bands, uint64_t band_count,
                             uint64_t band, uint8_t *body, uint64_t body_size)
{
    const uint64_t size = foreseal_index_size(count, bands, band_count);
    uint32_t from = 0, found[AT_ONCE];
    keys table;
    if ((!column && count) || !body || !size || band >= band_count)
        return FORESEAL_BAD_ARGUMENT;
    if (size != body_size)
        return FORESEAL_BAD_INDEX;
    for (uint64_t at = 0; at < band; at++) {
        from += bands[at].bits;
        body += FORESEAL_STARTS_BYTES(bands[at].bits) + FORESEAL_ROWS_BYTES(count);
    }
    const uint64_t buckets = UINT64_C(1) << bands[band].bits;
    uint32_t *starts = (uint32_t *)(void *)body;
    uint32_t *rows = (uint32_t *)(void *)(body + FORESEAL_STARTS_BYTES(bands[band].bits));
    memset(body, 0, FORESEAL_STARTS_BYTES(bands[band].bits) + FORESEAL_ROWS_BYTES(count));
    tabulate(&table, from, bands[band].bits);
    for (uint64_t row = 0; row < count; row += AT_ONCE) {
        const uint64_t some = next_keys(&table, column, row, count, starts, found);
        for (uint64_t at = 0; at < some; at++)
            starts[found[at]]++;
    }
    uint32_t before = 0;
    for (uint64_t bucket = 0; bucket <= buckets; bucket++) {
        const uint32_t held = starts[bucket];
        starts[bucket] = before;
        before += held;
    }
    for (uint64_t row = 0; row < count; row += AT_ONCE) {
        const uint64_t some = next_keys(&table, column, row, count, starts, found);
        for (uint64_t at = 0; at < some; at++) {
            found[at] = starts[found[at]]++;
            PREFETCH(rows + found[at]);
        }
        for (uint64_t at = 0; at < some; at++)
            rows[found[at]] = (uint32_t)(row + at);
    }
    /* Filling moved each start to where the next bucket starts. */
    memmove(starts + 1, starts, buckets * sizeof *starts);
    starts[0] = 0;
    return 0;
}

int32_t foreseal_ascending(const uint8_t *rows, uint64_t count, uint64_t width)
{
    for (uint64_t row = 1; row < count; row++)
        if (memcmp(rows + (row - 1) * width, rows + row * width, width) > 0)
            return 0;
    return 1;
}
