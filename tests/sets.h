/* sets.h - the vector sets of the library that this machine has, each a value for net.kernels. SPDX-License-Identifier: MIT */
#ifndef SETS_H
#define SETS_H

typedef struct jac_impl_kernels kernel_set;

size_t kernel_sets(const kernel_set *sets[4]);      /* how many there are; the one that jac_net_init takes is the first, scalar the last */
const char *kernel_name(const kernel_set *set);

#ifdef JAC_IMPL_REAL                                /* the implementation is here, not in an object that is linked */
size_t kernel_sets(const kernel_set *sets[4])
{
    size_t n = 0;
    sets[n++] = jac_impl_kernels_best();
#ifdef JAC_IMPL_AVX
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && sets[0] != &jac_impl_kernels_avx2)
        sets[n++] = &jac_impl_kernels_avx2;
#endif
#ifdef JAC_IMPL_X86
    if (sets[0] != &jac_impl_kernels_sse2) sets[n++] = &jac_impl_kernels_sse2;
#endif
    if (sets[0] != &jac_impl_kernels_scalar) sets[n++] = &jac_impl_kernels_scalar;
    return n;
}

const char *kernel_name(const kernel_set *set) { return set->name; }
#endif

#endif
