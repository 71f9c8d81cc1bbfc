/* How parts of the core are compiled; no part of the interface. */
#ifndef FORESEAL_BUILDS_H
#define FORESEAL_BUILDS_H

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
#define BUILT_FOR(instructions) __attribute__((target(instructions)))
#define MACHINE_HAS(instructions) (__builtin_cpu_init(), __builtin_cpu_supports(instructions))
#endif

#endif
