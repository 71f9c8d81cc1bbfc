/* PDQ, from the published description ("The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm",
 * Facebook, 2019, chapters 3 and 4): a two-pass box filter of Jarosz, 64x64 samples, a 16x16 corner of their discrete
 * cosine transform without the constant row and column, and one bit for each coefficient above the median.
 *
 * fingerprints/plain_pdq.py is its twin, and explains the same steps. Where both round, they round the same way. */
#include "builds.h"
#include "foreseal_core.h"

#include <string.h>

#define SAMPLES 64
#define FREQUENCIES 16
#define BITS (FREQUENCIES * FREQUENCIES)
#define WINDOWS 128
#define LARGEST 16384
#define WEIGHT_BITS 22 /* weights of one side sum up to 2^22 */
#define MAX_TAPS 40    /* pixels under one sample: at most 2048 / 64 + 4 */
#define SAMPLE_BITS 16 /* a sample is luma times 2^16 */
#define COSINE_BITS 24

/* cos(pi k / 128) * 2^24, rounded, for k = 0..64. */
static const int32_t QUARTER[65] = {
    16777216, 16772163, 16757007, 16731757, 16696429, 16651044, 16595628, 16530216, 16454846,
    16369565, 16274424, 16169479, 16054795, 15930439, 15796488, 15653022, 15500126, 15337895,
    15166424, 14985817, 14796184, 14597637, 14390298, 14174291, 13949745, 13716797, 13475586,
    13226258, 12968963, 12703856, 12431097, 12150850, 11863283, 11568571, 11266890, 10958422,
    10643353, 10321873, 9994176, 9660458, 9320922, 8975771, 8625213, 8269459, 7908725,
    7543226, 7173184, 6798821, 6420363, 6038037, 5652074, 5262706, 4870169, 4474698,
    4076531, 3675909, 3273072, 2868265, 2461729, 2053710, 1644455, 1234209, 823219,
    411733, 0,
};

typedef struct {
    uint32_t first;
    uint32_t taps;
    uint32_t weights[MAX_TAPS];
} sample;

static uint64_t least(uint64_t one, uint64_t other) { return one < other ? one : other; }
static uint64_t most(uint64_t one, uint64_t other) { return one > other ? one : other; }

/* Filter and sampling along one side: 64 samples, each the weighted sum of the few pixels around it. It is made for
 * the `full` side and gathered onto the reduced one of `side` pixels. Lengths are counted in 1/side of a full pixel,
 * so that the ends of both kinds of pixel are whole numbers. */
static void sample_side(uint64_t side, uint64_t full, sample samples[SAMPLES])
{
    const uint64_t window = (full + WINDOWS - 1) / WINDOWS, ahead = (window + 2) / 2, behind = window - ahead;
    for (uint64_t at = 0; at < SAMPLES; at++) {
        const uint64_t centre = (2 * at + 1) * full / (2 * SAMPLES);
        const uint64_t from = centre < behind ? 0 : centre - behind, to = least(centre + ahead, full);
        const uint64_t first = (from < behind ? 0 : from - behind) * side / full;
        const uint64_t last = (least(to - 1 + ahead, full) * side + full - 1) / full;
        uint64_t sums[MAX_TAPS] = {0};
        for (uint64_t pixel = from; pixel < to; pixel++) {
            const uint64_t start = (pixel < behind ? 0 : pixel - behind) * side;
            const uint64_t stop = least(pixel + ahead, full) * side;
            const uint64_t share = (UINT64_C(1) << 60) / ((to - from) * (stop - start));
            for (uint64_t reduced = start / full; reduced * full < stop; reduced++)
                sums[reduced - first] +=
                    (least((reduced + 1) * full, stop) - most(reduced * full, start)) * share;
        }
        samples[at].first = (uint32_t)first;
        samples[at].taps = (uint32_t)(last - first);
        for (uint64_t tap = 0; tap < last - first; tap++)
            samples[at].weights[tap] =
                (uint32_t)((sums[tap] + (UINT64_C(1) << (59 - WEIGHT_BITS))) >> (60 - WEIGHT_BITS));
    }
}

/* The same for the picture the other way round. */
static void mirror(uint32_t side, const sample samples[SAMPLES], sample mirrored[SAMPLES])
{
    for (int at = 0; at < SAMPLES; at++) {
        const sample *one = &samples[at];
        mirrored[at] = (sample){.first = side - one->first - one->taps, .taps = one->taps};
        for (uint32_t tap = 0; tap < one->taps; tap++)
            mirrored[at].weights[tap] = one->weights[one->taps - 1 - tap];
    }
}

/* 64x64 samples for each of `ways` samplings across. */
INLINED void take_samples_inlined(const uint8_t *luma, uint64_t stride, uint32_t columns, const sample down[SAMPLES],
                                  int ways, sample across[][SAMPLES], int32_t samples[][SAMPLES][SAMPLES])
{
    static const int unused = 2 * WEIGHT_BITS - SAMPLE_BITS;
    uint32_t line[FORESEAL_MAX_SIDE];
    for (int row = 0; row < SAMPLES; row++) {
        memset(line, 0, columns * sizeof line[0]);
        for (uint32_t tap = 0; tap < down[row].taps; tap++) {
            const uint8_t *pixels = luma + (down[row].first + tap) * stride;
            const uint32_t weight = down[row].weights[tap];
            for (uint32_t column = 0; column < columns; column++)
                line[column] += weight * pixels[column];
        }
        for (int way = 0; way < ways; way++)
            for (int column = 0; column < SAMPLES; column++) {
                const sample *under = &across[way][column];
                uint64_t sum = 0;
                for (uint32_t tap = 0; tap < under->taps; tap++)
                    sum += (uint64_t)under->weights[tap] * line[under->first + tap];
                samples[way][row][column] = (int32_t)((sum + (UINT64_C(1) << (unused - 1))) >> unused);
            }
    }
}

#ifdef TWO_BUILDS
BUILT_FOR("avx2") static void take_samples_wide(const uint8_t *luma, uint64_t stride, uint32_t columns,
                                                const sample down[SAMPLES], int ways, sample across[][SAMPLES],
                                                int32_t samples[][SAMPLES][SAMPLES])
{
    take_samples_inlined(luma, stride, columns, down, ways, across, samples);
}
#endif

static void take_samples(const uint8_t *luma, uint64_t stride, uint32_t columns, const sample down[SAMPLES], int ways,
                         sample across[][SAMPLES], int32_t samples[][SAMPLES][SAMPLES])
{
#ifdef TWO_BUILDS
    if (MACHINE_HAS("avx2")) {
        take_samples_wide(luma, stride, columns, down, ways, across, samples);
        return;
    }
#endif
    take_samples_inlined(luma, stride, columns, down, ways, across, samples);
}

/* Sum of the steps between neighbours, each in whole hundredths of the range, scaled and capped at 100. Counting whole
 * steps makes flat noise count as nothing. */
static int32_t quality_of(int32_t samples[SAMPLES][SAMPLES])
{
    int64_t steps = 0;
    for (int row = 0; row < SAMPLES; row++)
        for (int column = 0; column < SAMPLES; column++) {
            const int64_t here = samples[row][column];
            const int64_t down = row + 1 < SAMPLES ? here - samples[row + 1][column] : 0;
            const int64_t across = column + 1 < SAMPLES ? here - samples[row][column + 1] : 0;
            steps += (down < 0 ? -down : down) * 100 / (INT64_C(255) << SAMPLE_BITS);
            steps += (across < 0 ? -across : across) * 100 / (INT64_C(255) << SAMPLE_BITS);
        }
    return (int32_t)(steps / 90 < 100 ? steps / 90 : 100);
}

static int32_t cosine(int k)
{
    k %= 256;
    if (k > 128)
        k = 256 - k;
    return k <= 64 ? QUARTER[k] : -QUARTER[128 - k];
}

/* The 16 lowest frequencies of each side without the constant one, rows first, scaled alike (which moves no bit). */
INLINED void transform_inlined(int32_t samples[SAMPLES][SAMPLES], int64_t frequencies[BITS])
{
    int32_t cosines[FREQUENCIES][SAMPLES];
    for (int frequency = 0; frequency < FREQUENCIES; frequency++)
        for (int at = 0; at < SAMPLES; at++)
            cosines[frequency][at] = cosine((frequency + 1) * (2 * at + 1));
    for (int down = 0; down < FREQUENCIES; down++) {
        int64_t sums[SAMPLES] = {0};
        for (int row = 0; row < SAMPLES; row++)
            for (int column = 0; column < SAMPLES; column++)
                sums[column] += (int64_t)cosines[down][row] * samples[row][column];
        for (int column = 0; column < SAMPLES; column++)
            /* Rounded down, also below nought: right shifts keep the sign on every compiler in use. */
            sums[column] = (sums[column] + (INT64_C(1) << (COSINE_BITS - 1))) >> COSINE_BITS;
        for (int across = 0; across < FREQUENCIES; across++) {
            int64_t sum = 0;
            for (int column = 0; column < SAMPLES; column++)
                sum += (int64_t)cosines[across][column] * (int32_t)sums[column];
            frequencies[down * FREQUENCIES + across] = sum;
        }
    }
}

#ifdef TWO_BUILDS
BUILT_FOR("avx2") static void transform_wide(int32_t samples[SAMPLES][SAMPLES], int64_t frequencies[BITS])
{
    transform_inlined(samples, frequencies);
}
#endif

static void transform(int32_t samples[SAMPLES][SAMPLES], int64_t frequencies[BITS])
{
#ifdef TWO_BUILDS
    if (MACHINE_HAS("avx2")) {
        transform_wide(samples, frequencies);
        return;
    }
#endif
    transform_inlined(samples, frequencies);
}

/* The lower median, as the reference takes it: of 256 coefficients the 128th, so that 128 lie above (Hoare's find). */
static int64_t lower_median(const int64_t frequencies[BITS])
{
    int64_t values[BITS];
    int low = 0, high = BITS - 1;
    const int wanted = BITS / 2 - 1;
    memcpy(values, frequencies, sizeof values);
    while (low < high) {
        const int64_t pivot = values[wanted];
        int left = low, right = high;
        while (left <= right) {
            while (values[left] < pivot)
                left++;
            while (pivot < values[right])
                right--;
            if (left <= right) {
                const int64_t kept = values[left];
                values[left++] = values[right];
                values[right--] = kept;
            }
        }
        if (right < wanted)
            low = left;
        if (wanted < left)
            high = right;
    }
    return values[wanted];
}

/* Bit 0 is the lowest frequency, and stands last when the fingerprint is written as hex. */
static void write_hash(const int64_t frequencies[BITS], uint8_t hash[FORESEAL_HASH_BYTES])
{
    const int64_t median = lower_median(frequencies);
    memset(hash, 0, FORESEAL_HASH_BYTES);
    for (int bit = 0; bit < BITS; bit++)
        if (frequencies[bit] > median)
            hash[FORESEAL_HASH_BYTES - 1 - bit / 8] |= (uint8_t)(1 << bit % 8);
}

int32_t foreseal_core_version(void) { return FORESEAL_CORE_VERSION; }

int32_t foreseal_pdq(const uint8_t *luma, uint32_t rows, uint32_t columns, uint64_t stride, uint32_t full_rows,
                     uint32_t full_columns, uint32_t positions, uint8_t *hashes, uint8_t *qualities)
{
    sample down[2][SAMPLES], across[2][SAMPLES];
    int32_t samples[2][SAMPLES][SAMPLES];
    int64_t frequencies[BITS], exchanged[BITS];
    if (!luma || !hashes || !qualities || rows - 1 >= FORESEAL_MAX_SIDE || columns - 1 >= FORESEAL_MAX_SIDE ||
        stride < columns || (positions != 1 && positions != 2 && positions != 8))
        return FORESEAL_BAD_ARGUMENT;
    sample_side(rows, most(rows, least(full_rows, LARGEST)), down[0]);
    sample_side(columns, most(columns, least(full_columns, LARGEST)), across[0]);
    mirror(rows, down[0], down[1]);
    mirror(columns, across[0], across[1]);
    for (uint32_t position = 0; position < positions && position < 4; position++) {
        if (position % 2 == 0)
            take_samples(luma, stride, columns, down[position / 2], positions == 1 ? 1 : 2, across, samples);
        transform(samples[position % 2], frequencies);
        write_hash(frequencies, hashes + position * FORESEAL_HASH_BYTES);
        qualities[position] = (uint8_t)quality_of(samples[position % 2]);
        if (positions == 8) {
            /* With rows and columns exchanged the picture gives the same frequencies, exchanged. */
            for (int at = 0; at < BITS; at++)
                exchanged[at % FREQUENCIES * FREQUENCIES + at / FREQUENCIES] = frequencies[at];
            write_hash(exchanged, hashes + (position + 4) * FORESEAL_HASH_BYTES);
            qualities[position + 4] = qualities[position];
        }
    }
    return 0;
}
