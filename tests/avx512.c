/* avx512.c - jacobian.c for a processor without AVX-512: the kernels of that set are the same lines, and each of its instructions that
 * they ask for by name is written out here. For x86-64 without it, and for valgrind, which has none. SPDX-License-Identifier: MIT
 *
 *     gcc -O2 -march=x86-64-v3 -Wno-psabi -c tests/avx512.c */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <immintrin.h>

/* The compiler makes a vector of 64 bytes of two of 32, but hands none to assembly, nor to a function for another set. */
#define target(set)
#define min_vector_width(bits)
#ifndef __builtin_cpu_supports
#define __builtin_cpu_supports(set) 1
#endif
#define __asm__(...) ((void)0)

#define WRITTEN_OUT static inline __attribute__((always_inline, unused))
#define REALS(real, vector, lanes, half, fmadd_half, set1, fmadd, maskz_loadu, mask_storeu) \
    WRITTEN_OUT vector set1(real x) { vector v; for (int l = 0; l < lanes; l++) v[l] = x; return v; } \
    WRITTEN_OUT vector fmadd(vector a, vector b, vector c) \
    { \
        half a2[2], b2[2], c2[2]; \
        memcpy(a2, &a, 64); memcpy(b2, &b, 64); memcpy(c2, &c, 64); \
        for (int h = 0; h < 2; h++) c2[h] = fmadd_half(a2[h], b2[h], c2[h]); \
        memcpy(&c, c2, 64); \
        return c; \
    } \
    WRITTEN_OUT vector maskz_loadu(unsigned on, const real *p) \
    { \
        vector v = { 0 }; \
        for (int l = 0; l < lanes; l++) if (on >> l & 1) v[l] = p[l]; \
        return v; \
    } \
    WRITTEN_OUT void mask_storeu(real *p, unsigned on, vector v) { for (int l = 0; l < lanes; l++) if (on >> l & 1) p[l] = v[l]; }
REALS(double, __m512d, 8, __m256d, _mm256_fmadd_pd, set1_pd, fmadd_pd, maskz_loadu_pd, mask_storeu_pd)
REALS(float, __m512, 16, __m256, _mm256_fmadd_ps, set1_ps, fmadd_ps, maskz_loadu_ps, mask_storeu_ps)

/* Whole numbers, of the lists of live units: which lanes differ, and those that are on, moved to the front. */
#define WHOLES(whole, vector, lanes, set1, differ, compress) \
    typedef whole vector __attribute__((vector_size(lanes * sizeof(whole)))); \
    WRITTEN_OUT vector set1(whole x) { vector v; for (int l = 0; l < lanes; l++) v[l] = x; return v; } \
    WRITTEN_OUT unsigned differ(unsigned on, vector a, vector b) \
    { \
        unsigned which = 0; \
        for (int l = 0; l < lanes; l++) which |= (unsigned)(a[l] != b[l]) << l & on; \
        return which; \
    } \
    WRITTEN_OUT vector compress(unsigned on, vector v) \
    { \
        vector to = { 0 }; \
        for (int l = 0, k = 0; l < lanes; l++) if (on >> l & 1) to[k++] = v[l]; \
        return to; \
    }
WHOLES(int64_t, longs, 8, set1_longs, differ_longs, compress_longs)
WHOLES(int32_t, ints, 16, set1_ints, differ_ints, compress_ints)
WHOLES(int32_t, half_ints, 8, set1_half, differ_half, compress_half)

#define _mm512_set1_pd set1_pd
#define _mm512_set1_ps set1_ps
#define _mm512_fmadd_pd fmadd_pd
#define _mm512_fmadd_ps fmadd_ps
#define _mm512_maskz_loadu_pd maskz_loadu_pd
#define _mm512_maskz_loadu_ps maskz_loadu_ps
#define _mm512_mask_storeu_pd mask_storeu_pd
#define _mm512_mask_storeu_ps mask_storeu_ps
#define _mm512_loadu_si512(p) (*(const __m512i_u *)(p))
#define _mm512_storeu_si512(p, v) ((void)(*(__m512i_u *)(p) = (v)))
#define _mm512_set_epi32(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) ((__m512i)(ints){ p, o, n, m, l, k, j, i, h, g, f, e, d, c, b, a })
#define _mm512_set1_epi32(x) set1_ints(x)
#define _mm512_set1_epi64(x) set1_longs(x)
#define _mm512_add_epi32(a, b) ((__m512i)((ints)(a) + (ints)(b)))
#define _mm512_test_epi32_mask(a, b) (__mmask16)differ_ints(65535, (ints)(a) & (ints)(b), set1_ints(0))
#define _mm512_test_epi64_mask(a, b) (__mmask8)differ_longs(255, (longs)(a) & (longs)(b), set1_longs(0))
#undef _mm512_mask_cmpneq_epi32_mask           /* clang's are macros */
#undef _mm512_mask_cmpneq_epi64_mask
#define _mm512_mask_cmpneq_epi32_mask(on, a, b) differ_ints(on, (ints)(a), (ints)(b))
#define _mm512_mask_cmpneq_epi64_mask(on, a, b) differ_longs(on, (longs)(a), (longs)(b))
#define _mm512_maskz_compress_epi32(on, v) ((__m512i)compress_ints(on, (ints)(v)))
#define _mm256_maskz_compress_epi32(on, v) ((__m256i)compress_half(on, (half_ints)(v)))

#include "jacobian.c"
