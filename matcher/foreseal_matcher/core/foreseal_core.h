/* Foreseal's core: the PDQ fingerprint of a picture, and exact radius search over a list of fingerprints.
 *
 * Plain C11. It allocates nothing, opens nothing, keeps nothing between calls and writes only where it is told to, so
 * every function may be called from any number of threads. It needs no Python; an app on another platform can take
 * this folder as it is. tests/vectors/core.json says what it must answer: pixels -> fingerprint -> nearest entry.
 * All arithmetic is on whole numbers, so that every machine gives the same bits (docs/decisions/0009-compiled-core.md).
 *
 * Functions that can fail return a negative FORESEAL_BAD_... and have then written nothing that means anything.
 */
#ifndef FORESEAL_CORE_H
#define FORESEAL_CORE_H

#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define FORESEAL_API __attribute__((visibility("default")))
#else
#define FORESEAL_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Changes whenever a function, a structure or an answer does. A caller that was made for another must not go on. */
#define FORESEAL_CORE_VERSION 2

#define FORESEAL_BAD_ARGUMENT (-1) /* a size, a pointer or a radius outside what the function says */
#define FORESEAL_BAD_INDEX (-2)    /* the index has not the size that its bands and the column ask for */

#define FORESEAL_HASH_BYTES 32
#define FORESEAL_MAX_SIDE 2048  /* most rows or columns of luma */
#define FORESEAL_MAX_BANDS 16   /* most bands of an index */
#define FORESEAL_MAX_PROBES 3072 /* most buckets that one query may look into, over all bands */

/* FORESEAL_CORE_VERSION as this library was built. */
FORESEAL_API int32_t foreseal_core_version(void);

/* ---- Fingerprints (pdq.c) -------------------------------------------------------------------------------------- */

/* The PDQ of a picture in its first `positions` (1, 2 or 8) of eight: 0 as it is, 1 mirrored left to right, 2 top to
 * bottom, 3 turned by 180 degrees, 4 with rows and columns exchanged, 5 turned by 90 degrees to the left, 6 to the
 * right, 7 exchanged along the other diagonal. Each is exactly that of the turned pixels; all eight cost two to three
 * times what one does. (Turning the signs of one transform is cheaper and not the same: the filter leans by half a
 * pixel and samples stand on whole ones, which moved hashes of photographs by up to 58 bits.)
 *
 * `luma`: rows x columns of 0..255, 1..2048 a side, each row `stride` bytes after the one before; a part of a picture
 * is its upper left corner with the whole picture's stride. `full_rows`, `full_columns`: its size before it was
 * reduced to that (the same where it was not); the fingerprint is the one it has at its full size. `hashes`: 32 bytes
 * for each position, in the order in which the reference prints them as hex. `qualities`: of each, 0..100; under 50 a
 * fingerprint says too little to be compared. Returns 0. */
FORESEAL_API int32_t foreseal_pdq(const uint8_t *luma, uint32_t rows, uint32_t columns, uint64_t stride,
                                  uint32_t full_rows, uint32_t full_columns, uint32_t positions, uint8_t *hashes,
                                  uint8_t *qualities);

/* ---- Looks (border.c) ------------------------------------------------------------------------------------------ */

/* The rows from `top` up to and without `bottom`, and such columns. */
typedef struct {
    uint32_t top, left, bottom, right;
} foreseal_part;

/* What lies inside the border of one colour around a picture (rows x columns of luma without gaps, 1..2048 a side).
 * Returns 1 and writes `inside`, or 0 where there is no border or nothing else. */
FORESEAL_API int32_t foreseal_border(const uint8_t *luma, uint32_t rows, uint32_t columns, foreseal_part *inside);

/* ---- Search (scan.c, search.c) --------------------------------------------------------------------------------- */

/* `bits` of a fingerprint, searched for buckets at most `radius` bits away. docs/index.md has the tables in use. */
typedef struct {
    uint8_t bits;   /* 1..28 */
    uint8_t radius; /* 0..2 */
} foreseal_band;

/* An index over a column: see docs/index.md. `body`: aligned to 8 bytes, little-endian, as foreseal_index_build
 * wrote it for the same bands and a column of the same length. With `band_count` 0 every row is compared. */
typedef struct {
    const foreseal_band *bands;
    uint64_t band_count;
    const uint8_t *body;
    uint64_t body_size;
} foreseal_index;

typedef struct {
    uint32_t row;
    uint32_t distance; /* in bits, 0..256 */
} foreseal_found;

/* What a search cost. `compared`: fingerprints. `scanned`: 1 where every row was compared, because there was no
 * index, the radius was too large for it, too many candidates stood in its buckets, or it was damaged. */
typedef struct {
    uint64_t compared;
    uint64_t scanned;
} foreseal_cost;

/* All rows of `column` (count x 32 bytes, count < 2^32) at most `radius` (0..256) bits from `query`, in the order of
 * rows and each once. Writes the first `room` of them and returns how many there are: when that is more than `room`,
 * call again with more. Exact with and without an index. A damaged index is noticed or costs matches, and is never
 * read outside its size. `cost` may be NULL. */
FORESEAL_API int64_t foreseal_within(const uint8_t *column, uint64_t count, const foreseal_index *index,
                                     const uint8_t query[FORESEAL_HASH_BYTES], uint32_t radius,
                                     foreseal_found *found, uint64_t room, foreseal_cost *cost);

/* The row nearest to `query` within `radius` bits; of several equally near the one with the lowest id. `ids`: count
 * little-endian numbers of 8 bytes. Returns 1 and writes `best`, or 0 where no row is that near. */
FORESEAL_API int32_t foreseal_nearest(const uint8_t *column, const uint8_t *ids, uint64_t count,
                                      const foreseal_index *index, const uint8_t query[FORESEAL_HASH_BYTES],
                                      uint32_t radius, foreseal_found *best, foreseal_cost *cost);

/* ---- Building (build.c) ---------------------------------------------------------------------------------------- */

/* The bytes that the body of such an index takes, or 0 where the bands are not as they must be. */
FORESEAL_API uint64_t foreseal_index_size(uint64_t count, const foreseal_band *bands, uint64_t band_count);

/* Builds one band of the body, 0..band_count-1; the index is whole when all were built. `body_size`: what
 * foreseal_index_size says. It sets no memory aside: map a file as `body`. Returns 0. */
FORESEAL_API int32_t foreseal_index_build(const uint8_t *column, uint64_t count, const foreseal_band *bands,
                                          uint64_t band_count, uint64_t band, uint8_t *body, uint64_t body_size);

/* 1 where each of `count` rows of `width` bytes is no less than the one before it, else 0. */
FORESEAL_API int32_t foreseal_ascending(const uint8_t *rows, uint64_t count, uint64_t width);

#ifdef __cplusplus
}
#endif
#endif
