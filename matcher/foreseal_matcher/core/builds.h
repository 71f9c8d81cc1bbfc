/* How parts of the core are compiled; no part of the interface. */
#ifndef FORESEAL_BUILDS_H
#define FORESEAL_BUILDS_H

#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define INLINED static inline __attribute__((always_inline))
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define INLINED static inline
#define PREFETCH(address) ((void)0)
#endif

/* Some instructions are younger than the x86-64 that compilers build for, and what needs them takes two to five times
 * as long without: there both are built, from the same inlined source, and the machine is asked. On ARM they are
 * always there. Define one function with BUILT_FOR("popcnt") and ask MACHINE_HAS("popcnt") before it is called. */
#if (defined(__GNUC__) || defined(__clang__)) && (defined(__x86_64__) || defined(__i386__))
#define TWO_BUILDS 1
#ifdef __x86_64__
#define DEPOSITS 1
#endif
#define BUILT_FOR(instructions) __attribute__((target(instructions)))
#define MACHINE_HAS(instructions) (__builtin_cpu_init(), __builtin_cpu_supports(instructions))
#endif

INLINED uint32_t ones_in(uint64_t word)
{
#if defined(__GNUC__) || defined(__clang__)
    return (uint32_t)__builtin_popcountll(word);
#else
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    return (uint32_t)(((word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f)) * UINT64_C(0x0101010101010101) >> 56);
#endif
}

/* The place of the lowest one of a word that has any. */
INLINED uint32_t lowest_one(uint64_t word)
{
#if defined(__GNUC__) || defined(__clang__)
    return (uint32_t)__builtin_ctzll(word);
#else
    return ones_in((word & (~word + 1)) - 1);
#endif
}

#endif
