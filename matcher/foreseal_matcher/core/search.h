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

/* Bytes of one band's two arrays, each padded to 64. */
#define FORESEAL_STARTS_BYTES(bits) ((((UINT64_C(1) << (bits)) + 1) * 4 + 63) / 64 * 64)
#define FORESEAL_ROWS_BYTES(count) (((count) * 4 + 63) / 64 * 64)

#endif
