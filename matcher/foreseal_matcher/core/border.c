/* Finding the border around a picture: lines of one colour along its edges. border.py has its twin, and says why. */
#include "foreseal_core.h"

#include <string.h>

#define NEAR 12 /* levels of luma within which a pixel has the colour of the border */
#define FLAT 96 /* percent of a line's pixels that have it, in a line of a border */
#define SHARE_OF_GAP 256
#define GAP 3 /* in 1/256 of a side, and at least so many lines: what a border may hold of others in one place */

/* A picture's lines from one edge inwards: rows or columns. */
typedef struct {
    const uint8_t *first;
    int64_t next;  /* from a line to the one further in */
    int64_t along; /* from a pixel of a line to the next */
    uint32_t lines, length;
} edge;

/* Twice the middle value of the outermost line, so that it is whole where two values share the middle. */
static int32_t twice_the_median(const edge *from)
{
    uint32_t counted[256] = {0}, below = 0, at = 0;
    int32_t twice = 0;
    for (uint32_t pixel = 0; pixel < from->length; pixel++)
        counted[from->first[pixel * from->along]]++;
    for (uint32_t half = 0; half < 2; half++) {
        while (below + counted[at] <= (from->length - 1 + half) / 2)
            below += counted[at++];
        twice += (int32_t)at;
    }
    return twice;
}

static int is_flat(const edge *from, uint32_t line, int32_t twice)
{
    const uint8_t *pixels = from->first + line * from->next;
    uint64_t near = 0;
    for (uint32_t pixel = 0; pixel < from->length; pixel++) {
        const int32_t apart = 2 * pixels[pixel * from->along] - twice;
        near += apart <= 2 * NEAR && apart >= -2 * NEAR;
    }
    return near * 100 >= (uint64_t)from->length * FLAT;
}

/* How many lines from the edge inwards belong to a border: up to the last flat one before a gap that is too wide. */
static uint32_t border_lines(const edge *from, uint32_t gap)
{
    const int32_t twice = twice_the_median(from);
    uint32_t found = 0;
    if (!is_flat(from, 0, twice))
        return 0;
    for (uint32_t line = 1; line < from->lines && line - found <= gap + 1; line++)
        if (is_flat(from, line, twice))
            found = line;
    return found + 1;
}

static uint32_t gap_of(uint32_t side) { return side * GAP / SHARE_OF_GAP > GAP ? side * GAP / SHARE_OF_GAP : GAP; }

/* Takes what is flat off both ends; 0 where nothing else is left. */
static int trim(edge from, uint32_t gap, uint32_t *start, uint32_t *stop)
{
    const uint32_t before = border_lines(&from, gap);
    from.first += (from.lines - 1) * from.next;
    from.next = -from.next;
    const uint32_t after = border_lines(&from, gap);
    if (before + after >= from.lines)
        return 0;
    *start += before;
    *stop -= after;
    return 1;
}

/* One line more where anything came off: the border may end within it. */
static void step_in(uint32_t *start, uint32_t *stop, uint32_t side)
{
    const uint32_t before = *start > 0, after = *stop < side;
    if (*stop - *start > before + after) {
        *start += before;
        *stop -= after;
    }
}

int32_t foreseal_border(const uint8_t *luma, uint32_t rows, uint32_t columns, foreseal_part *inside)
{
    foreseal_part in = {0, 0, rows, columns};
    if (!luma || !inside || rows - 1 >= FORESEAL_MAX_SIDE || columns - 1 >= FORESEAL_MAX_SIDE)
        return FORESEAL_BAD_ARGUMENT;
    /* Twice, since a frame may stand around another. */
    for (int round = 0; round < 2; round++) {
        const uint8_t *corner = luma + (uint64_t)in.top * columns + in.left;
        const edge upper = {corner, columns, 1, in.bottom - in.top, in.right - in.left};
        if (!trim(upper, gap_of(rows), &in.top, &in.bottom))
            return 0;
        corner = luma + (uint64_t)in.top * columns + in.left;
        const edge left = {corner, 1, columns, in.right - in.left, in.bottom - in.top};
        if (!trim(left, gap_of(columns), &in.left, &in.right))
            return 0;
    }
    if (!in.top && !in.left && in.bottom == rows && in.right == columns)
        return 0;
    step_in(&in.top, &in.bottom, rows);
    step_in(&in.left, &in.right, columns);
    *inside = in;
    return 1;
}
