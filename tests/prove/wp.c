/* wp.c - contracts for all sizes, proved by Frama-C's WP; the loops' invariants are in wp.notes. SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION
#define JAC_STATIC
#include <limits.h>
#include <stddef.h>
#include <math.h>
#include <stdint.h>

/* |v|, of which only that it writes nothing is used: the one in Frama-C's math.h asks for finite numbers. */
/*@ assigns \result \from v; */
double absolute(double v);
#define fabs absolute

/*@ assigns \nothing;
  @ ensures \result == (a < b ? a : b); */
static size_t jac_impl_least(size_t a, size_t b);

/*@ requires \valid(a);
  @ assigns *a;
  @ ensures \result == 1 ==> *a == \old(*a) * b && *a <= PTRDIFF_MAX || b == 0 && *a == 0;
  @ ensures \result == 0 ==> *a == \old(*a) && \old(*a) * b > PTRDIFF_MAX;
  @ ensures \result == 0 || \result == 1; */
static int jac_impl_times(size_t *a, size_t b);

/*@ requires \valid(bytes);
  @ assigns *bytes;
  @ ensures \result == 1 ==> *bytes == 8 * a * b && *bytes <= PTRDIFF_MAX;
  @ ensures \result == 0 ==> 8 * a > PTRDIFF_MAX || 8 * a * b > PTRDIFF_MAX;
  @ ensures \result == 0 || \result == 1; */
static int jac_impl_bytes(size_t *bytes, size_t a, size_t b);

/*@ requires n <= PTRDIFF_MAX / 8 && n <= UINT_MAX;
  @ requires \valid_read(v + (0 .. n - 1)) && \valid(list + (0 .. n - 1)) && \valid(ones);
  @ requires \separated(v + (0 .. n - 1), list + (0 .. n - 1), ones);
  @ assigns list[0 .. n - 1], *ones;
  @ ensures \result <= n;
  @ ensures \forall integer k; 0 <= k < \result ==> list[k] < n;
  @ ensures \forall integer k, l; 0 <= k < l < \result ==> list[k] < list[l]; */
static size_t jac_impl_live_scalar(const double *v, size_t n, unsigned *list, int *ones);

/* The bytes of a number as a whole number: memcpy in the header. */
/*@ requires \valid_read(v);
  @ assigns \result \from *v; */
static uint64_t bits_of(const double *v);

/*@ requires K <= PTRDIFF_MAX / 8 && \valid_read(w + (0 .. K - 1)) && \valid_read(a + (0 .. K - 1));
  @ assigns \nothing; */
static double jac_impl_sizes_scalar(size_t K, const double *w, const double *a);

/*@ requires n <= PTRDIFF_MAX / 8 && \valid_read(z + (0 .. n - 1)) && \valid(at) && \separated(z + (0 .. n - 1), at);
  @ assigns *at; */
static double jac_impl_nearest_scalar(size_t n, const double *z, size_t *at);

/* In memory the rows are ldg and ldc numbers apart. */
/*@ requires 0 < R && 0 < n && n <= ldg && n <= ldc && R * ldg <= PTRDIFF_MAX / 8 && R * ldc <= PTRDIFF_MAX / 8;
  @ requires \valid_read(G + (0 .. R * ldg - 1)) && \valid_read(d + (0 .. n - 1)) && \valid(C + (0 .. R * ldc - 1));
  @ requires \separated(C + (0 .. R * ldc - 1), G + (0 .. R * ldg - 1)) && \separated(C + (0 .. R * ldc - 1), d + (0 .. n - 1));
  @ assigns C[0 .. R * ldc - 1]; */
static void jac_impl_scale_scalar(size_t R, size_t n, const double *G, size_t ldg, const double *d, double *C, size_t ldc);

/*@ lemma more_rows: \forall integer r, R, ld; 0 <= r <= R && 0 <= ld ==> r * ld <= R * ld; */
#include JAC_FILE
