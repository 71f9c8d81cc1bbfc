/* Shared by scan.c and search.c; no part of the interface. */
#ifndef FORESEAL_SEARCH_H
#define FORESEAL_SEARCH_H

#include "builds.h"
#include "foreseal_core.h"

/* Where rows that are near enough go: into `found` (room of them), or the best of them into `best`. */
typedef struct {
    const uint8_t *column;
    uint64_t count;
    uint64_t query[4];
    uint32_t radius;
    foreseal_found *found;
    uint64_t room;
    uint64_t met; /* rows near enough so far; one found by several bands counts several times */
    const uint8_t *ids;
    foreseal_found best;
    uint64_t best_id;
} foreseal_hunt;

/* Compares these rows, or with `rows` NULL the first `count` of the column. */
void foreseal_compare(foreseal_hunt *hunt, const uint32_t *rows, uint64_t count);

/* The key of a band: `bits` bits of a fingerprint from position `from` of the permuted order. */
uint32_t foreseal_key(const uint8_t hash[FORESEAL_HASH_BYTES], uint32_t from, uint32_t bits);

/* Bit `position` of the permuted order is this bit of the fingerprint; bit k is bit k % 8 of byte k / 8. */
#define FORESEAL_PERMUTED(position) (((position) * 101u + 7u) % 256u)

/* A band's two arrays (docs/index.md): blocks of 64 bytes, one for every so many buckets and one more, and the rows. In
 * a block stand the number of rows before it (32 bits) and the marks (480): for each of its buckets a one for each of
 * its rows and a nought, then ones. One whose marks do not fit has ones alone. */
#define FORESEAL_BLOCK_WORDS 8
#define FORESEAL_FIRST_MARK 32
#define FORESEAL_BLOCK_BITS 512

/* A block stands for 2 to the power of this many buckets: as many as leave a third of its marks free on average. */
uint32_t foreseal_block_of(uint32_t bits, uint64_t count);

/* Bytes of the two arrays, each padded to 64. */
uint64_t foreseal_blocks_bytes(uint32_t bits, uint64_t count);
#define FORESEAL_ROWS_BYTES(count) (((count)*4 + 63) / 64 * 64)

#endif
