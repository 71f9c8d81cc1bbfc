/* Exact radius search by multi-index hashing (M. Norouzi, A. Punjani, D. Fleet: "Fast Exact Search in Hamming Space
 * with Multi-Index Hashing", 2014). The 256 bits are dealt out to bands, each searched within its own small radius.
 * Let a fingerprint differ from the query by more than its radius in every band: then it differs by radius + 1 or
 * more in each, by the sum of those in all. Where that sum is over the radius asked for, none can be missed. */
#include "search.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 1024 /* candidates gathered before they are compared */
#define AHEAD 32     /* blocks that are asked for before they are needed */

/* A band, where its arrays lie, and which bits of a fingerprint its keys are made of. */
typedef struct {
    const uint64_t *blocks;
    const uint32_t *rows;
    uint32_t from, bits;
    uint32_t low; /* bits of a key that say which bucket of its block it is */
} band_arrays;

/* Buckets of one block to look into: the one of this key, and those at most `radius` bits away within the block. */
typedef struct {
    uint32_t key;
    uint8_t band, radius;
} probe;

typedef struct {
    uint32_t start, stop;
    uint8_t band;
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

uint32_t foreseal_block_of(uint32_t bits, uint64_t count)
{
    uint32_t low = bits < 8 ? bits : 8;
    while (low && ((UINT64_C(1) << bits) + count) << low > UINT64_C(320) << bits)
        low--;
    return low;
}

uint64_t foreseal_blocks_bytes(uint32_t bits, uint64_t count)
{
    return (((UINT64_C(1) << bits) >> foreseal_block_of(bits, count)) + 1) * FORESEAL_BLOCK_WORDS * 8;
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
        size += foreseal_blocks_bytes(bands[at].bits, count) + FORESEAL_ROWS_BYTES(count);
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

static void find_arrays(const foreseal_index *index, uint64_t count, band_arrays arrays[FORESEAL_MAX_BANDS])
{
    const uint8_t *body = index->body;
    uint32_t from = 0;
    for (uint64_t at = 0; at < index->band_count; at++) {
        const uint32_t bits = index->bands[at].bits;
        const uint8_t *rows = body + foreseal_blocks_bytes(bits, count);
        arrays[at] = (band_arrays){(const uint64_t *)(const void *)body, (const uint32_t *)(const void *)rows, from,
                                   bits, foreseal_block_of(bits, count)};
        from += bits;
        body = rows + FORESEAL_ROWS_BYTES(count);
    }
}

static const uint64_t *block_of(const band_arrays *in, uint32_t key)
{
    return in->blocks + (uint64_t)(key >> in->low) * FORESEAL_BLOCK_WORDS;
}

/* One for each block that may hold a bucket near enough: the bits of a key above those within the block flipped. */
static uint64_t list_probes(const foreseal_index *index, const uint8_t *query, const band_arrays *arrays,
                            probe *probes)
{
    uint64_t listed = 0;
    for (uint8_t at = 0; at < index->band_count; at++) {
        const band_arrays *in = &arrays[at];
        const uint32_t radius = index->bands[at].radius, key = foreseal_key(query, in->from, in->bits);
        /* The key itself, then each bit flipped, then with each bit also one of those below it. */
        probes[listed++] = (probe){key, at, (uint8_t)radius};
        for (uint32_t one = in->low; radius > 0 && one < in->bits; one++) {
            const uint32_t flipped = key ^ UINT32_C(1) << one;
            probes[listed++] = (probe){flipped, at, (uint8_t)(radius - 1)};
            for (uint32_t other = in->low; radius > 1 && other < one; other++)
                probes[listed++] = (probe){flipped ^ UINT32_C(1) << other, at, 0};
        }
    }
    return listed;
}

/* The place of the one that `rank` others stand below; there are more than `rank`. `quickly`: the machine deposits
 * bits (BMI2). Said in assembly, since the source of both builds is one and compilers want to be asked first. */
INLINED uint32_t place_of(uint64_t word, uint32_t rank, int quickly)
{
#ifdef DEPOSITS
    if (quickly) {
        __asm__("pdep %1, %2, %0" : "=r"(word) : "r"(word), "r"(UINT64_C(1) << rank));
        return lowest_one(word);
    }
#endif
    (void)quickly;
    while (rank--)
        word &= word - 1;
    return lowest_one(word);
}

/* Where the nought stands that so many others of its block stand before; the block's end where it has none. */
INLINED uint32_t nought(const uint64_t *block, uint32_t rank, int quickly)
{
    uint64_t word = ~block[0] & UINT64_MAX << FORESEAL_FIRST_MARK;
    for (uint32_t at = 0;;) {
        const uint32_t held = ones_in(word);
        if (rank < held)
            return at * 64 + place_of(word, rank, quickly);
        if (++at == FORESEAL_BLOCK_WORDS)
            return FORESEAL_BLOCK_BITS;
        rank -= held;
        word = ~block[at];
    }
}

INLINED uint32_t next_nought(const uint64_t *block, uint32_t from)
{
    for (uint64_t beyond = UINT64_MAX << from % 64; from < FORESEAL_BLOCK_BITS; beyond = UINT64_MAX) {
        const uint64_t word = ~block[from / 64] & beyond;
        if (word)
            return from / 64 * 64 + lowest_one(word);
        from = (from / 64 + 1) * 64;
    }
    return FORESEAL_BLOCK_BITS;
}

/* The first of the rows from `start` up to `stop`, in the order of their keys, whose key is not below this one. */
static uint32_t not_below(const band_arrays *in, const foreseal_hunt *hunt, uint32_t start, uint32_t stop,
                          uint64_t key)
{
    while (start < stop) {
        const uint32_t middle = start + (stop - start) / 2, row = in->rows[middle];
        if (row < hunt->count &&
            foreseal_key(hunt->column + (uint64_t)row * FORESEAL_HASH_BYTES, in->from, in->bits) < key)
            start = middle + 1;
        else
            stop = middle;
    }
    return start;
}

/* The rows of one bucket; 0 where the block is not that of any index over so many rows. */
INLINED int find_range(const band_arrays *in, const foreseal_hunt *hunt, uint32_t key, int quickly, range *found)
{
    const uint64_t *block = block_of(in, key);
    const uint32_t bucket = key & ((1u << in->low) - 1);
    /* Read once: a file that is changed meanwhile must not lead past the check. */
    const uint64_t before = (uint32_t)block[0];
    const uint32_t from = bucket ? nought(block, bucket - 1, quickly) + 1 : FORESEAL_FIRST_MARK;
    const uint32_t to = next_nought(block, from);
    if (to < FORESEAL_BLOCK_BITS) {
        const uint64_t start = before + from - FORESEAL_FIRST_MARK - bucket, stop = start + to - from;
        if (stop > hunt->count)
            return 0;
        *found = (range){(uint32_t)start, (uint32_t)stop, found->band};
        return 1;
    }
    const uint64_t after = (uint32_t)block[FORESEAL_BLOCK_WORDS];
    if (before > after || after > hunt->count || next_nought(block, FORESEAL_FIRST_MARK) < FORESEAL_BLOCK_BITS)
        return 0;
    found->start = not_below(in, hunt, (uint32_t)before, (uint32_t)after, key);
    found->stop = not_below(in, hunt, found->start, (uint32_t)after, (uint64_t)key + 1);
    return 1;
}

/* Ranges of the buckets of one probe are added to `ranges` where they hold rows. */
INLINED int find_ranges(const band_arrays *in, const foreseal_hunt *hunt, probe at, int quickly, range *ranges,
                        uint64_t *listed, uint64_t *compared)
{
    for (uint32_t one = 0; one <= (at.radius > 0 ? in->low : 0u); one++) {
        const uint32_t flipped = one ? at.key ^ UINT32_C(1) << (one - 1) : at.key;
        for (uint32_t other = 0; other < (at.radius > 1 && one ? one : 1u); other++) {
            range *found = &ranges[*listed];
            found->band = at.band;
            if (!find_range(in, hunt, other ? flipped ^ UINT32_C(1) << (other - 1) : flipped, quickly, found))
                return 0;
            if (found->start < found->stop) {
                PREFETCH(in->rows + found->start);
                *compared += found->stop - found->start;
                ++*listed;
            }
        }
    }
    return 1;
}

/* Returns 0 where the buckets hold more than `most` candidates, or what no index holds. Each step asks for the memory
 * that the next one reads, for all buckets together: the time goes into waiting for it, and so the waits overlap. */
INLINED int search_inlined(const foreseal_index *index, const uint8_t *query, foreseal_hunt *hunt, uint64_t most,
                            uint64_t *compared, int quickly)
{
    band_arrays arrays[FORESEAL_MAX_BANDS];
    probe probes[FORESEAL_MAX_PROBES];
    range ranges[FORESEAL_MAX_PROBES];
    uint32_t candidates[AT_ONCE];
    uint64_t listed = 0, gathered = 0;
    find_arrays(index, hunt->count, arrays);
    const uint64_t blocks = list_probes(index, query, arrays, probes);
    for (uint64_t at = 0; at < blocks; at++) {
        if (at + AHEAD < blocks)
            PREFETCH(block_of(&arrays[probes[at + AHEAD].band], probes[at + AHEAD].key));
        if (!find_ranges(&arrays[probes[at].band], hunt, probes[at], quickly, ranges, &listed, compared) ||
            *compared > most)
            return 0;
    }
    for (uint64_t at = 0; at < listed; at++)
        for (uint32_t next = ranges[at].start; next < ranges[at].stop; next++) {
            const uint32_t row = arrays[ranges[at].band].rows[next];
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

#ifdef TWO_BUILDS
BUILT_FOR("bmi,bmi2,popcnt") static int search_quickly(const foreseal_index *index, const uint8_t *query,
                                                       foreseal_hunt *hunt, uint64_t most, uint64_t *compared)
{
    return search_inlined(index, query, hunt, most, compared, 1);
}
#endif

static int search(const foreseal_index *index, const uint8_t *query, foreseal_hunt *hunt, uint64_t most,
                  uint64_t *compared)
{
#ifdef TWO_BUILDS
    if (MACHINE_HAS("bmi2") && MACHINE_HAS("popcnt"))
        return search_quickly(index, query, hunt, most, compared);
#endif
    return search_inlined(index, query, hunt, most, compared, 0);
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
