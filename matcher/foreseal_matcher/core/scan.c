/* Comparing fingerprints: a few candidates, or all rows of a column. */
#include "search.h"

#include <string.h>

static uint64_t id_of(const uint8_t *ids, uint32_t row)
{
    const uint8_t *bytes = ids + (uint64_t)row * 8;
    uint64_t id = 0;
    for (int at = 7; at >= 0; at--)
        id = id << 8 | bytes[at];
    return id;
}

static void met(foreseal_hunt *hunt, uint32_t row, uint32_t distance)
{
    if (hunt->ids) {
        const uint64_t id = id_of(hunt->ids, row);
        if (!hunt->met || distance < hunt->best.distance ||
            (distance == hunt->best.distance && id < hunt->best_id)) {
            hunt->best = (foreseal_found){row, distance};
            hunt->best_id = id;
            hunt->radius = distance;
        }
    } else if (hunt->met < hunt->room) {
        hunt->found[hunt->met] = (foreseal_found){row, distance};
    }
    hunt->met++;
}

INLINED void compare(foreseal_hunt *hunt, const uint32_t *rows, uint64_t count)
{
    for (uint64_t at = 0; at < count; at++) {
        const uint32_t row = rows ? rows[at] : (uint32_t)at;
        uint64_t words[4];
        memcpy(words, hunt->column + (uint64_t)row * FORESEAL_HASH_BYTES, sizeof words);
        const uint32_t distance = ones_in(words[0] ^ hunt->query[0]) + ones_in(words[1] ^ hunt->query[1]) +
                                  ones_in(words[2] ^ hunt->query[2]) + ones_in(words[3] ^ hunt->query[3]);
        if (distance <= hunt->radius)
            met(hunt, row, distance);
    }
}

#ifdef TWO_BUILDS
BUILT_FOR("popcnt") static void compare_counting(foreseal_hunt *hunt, const uint32_t *rows, uint64_t count)
{
    compare(hunt, rows, count);
}
#endif

void foreseal_compare(foreseal_hunt *hunt, const uint32_t *rows, uint64_t count)
{
#ifdef TWO_BUILDS
    if (MACHINE_HAS("popcnt")) {
        compare_counting(hunt, rows, count);
        return;
    }
#endif
    compare(hunt, rows, count);
}
