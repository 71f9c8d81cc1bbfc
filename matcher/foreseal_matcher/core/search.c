/* Exact radius search by multi-index hashing (M. Norouzi, A. Punjani, D. Fleet: "Fast Exact Search in Hamming Space
 * with Multi-Index Hashing", 2014). The 256 bits are dealt out to bands, each searched within its own small radius.
 * Let a fingerprint differ from the query by more than its radius in every band: then it differs by radius + 1 or
 * more in each, by the sum of those in all. Where that sum is over the radius asked for, none can be missed. */
#include "search.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 1024 /* candidates gathered before they are compared */

typedef struct {
    const uint32_t *starts; /* of the bucket that is looked into: it ends where the next one starts */
    const uint32_t *rows;   /* of its band */
} probe;

typedef struct {
    uint32_t start, stop;
} range;

uint32_t foreseal_key(const uint8_t hash[FORESEAL_HASH_BYTES], uint32_t from, uint32_t bits)
{
    uint32_t key = 0;
    for (uint32_t at = 0; at < bits; at++) {
        const uint32_t bit = FORESEAL_PERMUTED(from + at);
        key |= (uint32_t)(hash[bit / 8] >> bit % 8 & 1) << at;
    }
    return key;
}

static uint64_t probes_of(foreseal_band band)
{
    const uint64_t bits = band.bits;
    return 1 + (band.radius > 0 ? bits : 0) + (band.radius > 1 ? bits * (bits - 1) / 2 : 0);
}

uint64_t foreseal_index_size(uint64_t count, const foreseal_band *bands, uint64_t band_count)
{
    uint64_t size = 0, bits = 0, probes = 0;
    if (count > UINT32_MAX || !bands || !band_count || band_count > FORESEAL_MAX_BANDS)
        return 0;
    for (uint64_t at = 0; at < band_count; at++) {
        if (bands[at].bits < 1 || bands[at].bits > 28 || bands[at].radius > 2)
            return 0;
        bits += bands[at].bits;
        probes += probes_of(bands[at]);
        size += FORESEAL_STARTS_BYTES(bands[at].bits) + FORESEAL_ROWS_BYTES(count);
    }
    return bits <= 256 && probes <= FORESEAL_MAX_PROBES ? size : 0;
}

/* The radius up to which nothing is missed. */
static uint64_t reach(const foreseal_index *index)
{
    uint64_t sum = 0;
    for (uint64_t at = 0; at < index->band_count; at++)
        sum += index->bands[at].radius + 1u;
    return sum - 1;
}

static uint64_t list_probes(const foreseal_index *index, const uint8_t *query, uint64_t count, probe *probes)
{
    const uint8_t *body = index->body;
    uint64_t listed = 0;
    uint32_t from = 0;
    for (uint64_t at = 0; at < index->band_count; at++) {
        const foreseal_band band = index->bands[at];
        const uint32_t key = foreseal_key(query, from, band.bits);
        const uint32_t *starts = (const uint32_t *)(const void *)body;
        const uint32_t *rows = (const uint32_t *)(const void *)(body + FORESEAL_STARTS_BYTES(band.bits));
        /* The key itself, then each bit flipped, then with each bit also one of those below it; 0 flips nothing. */
        for (uint32_t one = 0; one <= (band.radius > 0 ? band.bits : 0u); one++) {
            const uint32_t flipped = one ? key ^ UINT32_C(1) << (one - 1) : key;
            for (uint32_t other = 0; other < (band.radius > 1 && one ? one : 1u); other++) {
                const uint32_t bucket = other ? flipped ^ UINT32_C(1) << (other - 1) : flipped;
                probes[listed++] = (probe){starts + bucket, rows};
                PREFETCH(starts + bucket);
            }
        }
        from += band.bits;
        body += FORESEAL_STARTS_BYTES(band.bits) + FORESEAL_ROWS_BYTES(count);
    }
    return listed;
}

/* Returns 0 where the buckets hold more than `most` candidates, or what no index holds. Each step asks for the memory
 * that the next one reads, for all buckets together: the time goes into waiting for it, and so the waits overlap. */
static int search(const foreseal_index *index, const uint8_t *query, foreseal_hunt *hunt, uint64_t most,
                  uint64_t *compared)
{
    probe probes[FORESEAL_MAX_PROBES];
    range ranges[FORESEAL_MAX_PROBES];
    uint32_t candidates[AT_ONCE];
    const uint64_t listed = list_probes(index, query, hunt->count, probes);
    uint64_t gathered = 0;
    for (uint64_t at = 0; at < listed; at++) {
        /* Read once: a file that is changed meanwhile must not lead past the check. */
        const range in = ranges[at] = (range){probes[at].starts[0], probes[at].starts[1]};
        if (in.start > in.stop || in.stop > hunt->count)
            return 0;
        *compared += in.stop - in.start;
        if (*compared > most)
            return 0;
        if (in.start < in.stop)
            PREFETCH(probes[at].rows + in.start);
    }
    for (uint64_t at = 0; at < listed; at++)
        for (uint32_t next = ranges[at].start; next < ranges[at].stop; next++) {
            const uint32_t row = probes[at].rows[next];
            if (row >= hunt->count)
                return 0;
            PREFETCH(hunt->column + (uint64_t)row * FORESEAL_HASH_BYTES);
            candidates[gathered++] = row;
            if (gathered == AT_ONCE) {
                foreseal_compare(hunt, candidates, gathered);
                gathered = 0;
            }
        }
    foreseal_compare(hunt, candidates, gathered);
    return 1;
}

static int32_t hunt_down(foreseal_hunt *hunt, const foreseal_index *index, const uint8_t *query, foreseal_cost *cost)
{
    foreseal_cost spent = {0, 0};
    const uint32_t radius = hunt->radius;
    int done = 0;
    memcpy(hunt->query, query, sizeof hunt->query);
    if (index && index->band_count) {
        if (!index->body ||
            foreseal_index_size(hunt->count, index->bands, index->band_count) != index->body_size)
            return FORESEAL_BAD_INDEX;
        /* Reading a row in order costs about an eighth of fetching one from anywhere. */
        if (radius <= reach(index))
            done = search(index, query, hunt, hunt->count / 8 + 64, &spent.compared) &&
                   (hunt->ids || hunt->met <= hunt->room);
    }
    if (!done) {
        hunt->met = 0;
        hunt->radius = radius;
        foreseal_compare(hunt, NULL, hunt->count);
        spent = (foreseal_cost){spent.compared + hunt->count, 1};
    }
    if (cost)
        *cost = spent;
    return 0;
}

static int by_row(const void *one, const void *other)
{
    const uint32_t a = ((const foreseal_found *)one)->row, b = ((const foreseal_found *)other)->row;
    return (a > b) - (a < b);
}

static int refused(const uint8_t *column, uint64_t count, const uint8_t *query, uint32_t radius)
{
    return (!column && count) || count > UINT32_MAX || !query || radius > 256;
}

int64_t foreseal_within(const uint8_t *column, uint64_t count, const foreseal_index *index,
                        const uint8_t query[FORESEAL_HASH_BYTES], uint32_t radius, foreseal_found *found,
                        uint64_t room, foreseal_cost *cost)
{
    foreseal_hunt hunt = {.column = column, .count = count, .radius = radius, .found = found, .room = room};
    uint64_t kept = 0;
    if (refused(column, count, query, radius) || (!found && room))
        return FORESEAL_BAD_ARGUMENT;
    const int32_t failed = hunt_down(&hunt, index, query, cost);
    if (failed)
        return failed;
    if (hunt.met > room || !hunt.met)
        return (int64_t)hunt.met;
    qsort(found, hunt.met, sizeof *found, by_row);
    for (uint64_t at = 0; at < hunt.met; at++)
        if (!at || found[at].row != found[kept - 1].row)
            found[kept++] = found[at];
    return (int64_t)kept;
}

int32_t foreseal_nearest(const uint8_t *column, const uint8_t *ids, uint64_t count, const foreseal_index *index,
                         const uint8_t query[FORESEAL_HASH_BYTES], uint32_t radius, foreseal_found *best,
                         foreseal_cost *cost)
{
    foreseal_hunt hunt = {.column = column, .count = count, .radius = radius, .ids = ids};
    if (refused(column, count, query, radius) || (!ids && count) || !best)
        return FORESEAL_BAD_ARGUMENT;
    if (!count)
        return 0;
    const int32_t failed = hunt_down(&hunt, index, query, cost);
    if (failed)
        return failed;
    *best = hunt.best;
    return hunt.met > 0;
}
