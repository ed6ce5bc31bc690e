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

/*@ requires \valid_read(p);
  @ assigns \result \from *p; */
static double jac_impl_load_scalar(const double *p);
/*@ requires \valid(p);
  @ assigns *p; */
static void jac_impl_store_scalar(double *p, double v);
/*@ assigns \result \from v; */
static double jac_impl_total_scalar(double v);

/* Row r of R, ld numbers apart, and the one after it: for the provers, who are no good at products. */
/*@ ghost
  /@ requires r < R;
   @ assigns \nothing;
   @ ensures 0 <= r * ld <= r * ld + ld <= R * ld; @/
  void within(size_t r, size_t R, size_t ld) {} */
/* Of r * ld < R * ld, and of a rounded down to a multiple of b. */
/*@ ghost
  /@ requires r * ld < R * ld;
   @ assigns \nothing;
   @ ensures r * ld + ld <= R * ld && r < R; @/
  void before(size_t r, size_t R, size_t ld) {}
  /@ requires b > 0;
   @ assigns \nothing;
   @ ensures a / b * b <= a; @/
  void down(size_t a, size_t b) {} */
/* M rows in `count` strips of at most 5, `higher` of them of low + 1 rows, the others of low; strip i starts at row m. */
/*@ predicate strips(integer M, integer count, integer low, integer higher) =
  @   M == count * low + higher && (M > 0 ==> 1 <= low <= 5 && higher < count <= M && (higher > 0 ==> low < 5));
  @ predicate starts(integer m, integer i, integer low, integer higher) = m == i * low + (i < higher ? i : higher);
  @ logic integer height(integer i, integer low, integer higher) = low + (i < higher ? 1 : 0); */
/*@ ghost
  /@ requires M <= PTRDIFF_MAX && count == (M + 4) / 5 && low == (count == 0 ? 0 : M / count) && higher == M - count * low;
   @ assigns \nothing;
   @ ensures strips(M, count, low, higher) && starts(0, 0, low, higher); @/
  void heights(size_t M, size_t count, size_t low, size_t higher) {}
  /@ requires M <= PTRDIFF_MAX / 8 && strips(M, count, low, higher) && starts(m, i, low, higher) && i <= count && m < M;
   @ assigns \nothing;
   @ ensures i < higher <==> m < (size_t)(higher * (size_t)(low + 1));
   @ ensures low <= 5;
   @ ensures 1 <= height(i, low, higher) <= 5 && m + height(i, low, higher) <= M;
   @ ensures i < count && starts(m + height(i, low, higher), i + 1, low, higher); @/
  void strip_at(size_t M, size_t m, size_t i, size_t count, size_t low, size_t higher) {} */

/* How many numbers there are to the arrays of a product. */
/*@ ghost size_t n_A, n_B, n_C; */
/* What the indices of A and the terms of B stay below, with lists or without; the first row of C of a tile. */
/*@ ghost size_t rows_A, terms_A, terms_B, first_C; */

/* What centre reads and writes: its rows are some of rows_A. */
/*@ predicate centred(integer across, integer R, unsigned *list, integer n, double *P, integer ldp, double *w, double *f, double *C, integer ldc) =
  @   0 < n <= ldp && n <= ldc && R <= rows_A && rows_A * ldp <= PTRDIFF_MAX / 8 && R * ldc <= PTRDIFF_MAX / 8 &&
  @   (list == \null || across != 0 && \valid_read(list + (0 .. R - 1)) && (\forall integer k; 0 <= k < R ==> list[k] < rows_A)) &&
  @   \valid_read(P + (0 .. rows_A * ldp - 1)) && \valid(C + (0 .. R * ldc - 1)) &&
  @   \valid_read(w + (0 .. (across != 0 ? rows_A : n) - 1)) && (f == \null || \valid_read(f + (0 .. (across != 0 ? n : R) - 1))) &&
  @   \separated(C + (0 .. R * ldc - 1), P + (0 .. rows_A * ldp - 1), list + (0 .. R - 1)) &&
  @   \separated(C + (0 .. R * ldc - 1), w + (0 .. (across != 0 ? rows_A : n) - 1), f + (0 .. (across != 0 ? n : R) - 1)); */

#include JAC_FILE
