/* test_faults.c - the library in surroundings that are not kind: several threads, a signal in the middle of a call, floating-point
 * traps, directed rounding, a value in errno. SPDX-License-Identifier: MIT */
#if defined(__unix__) || defined(__APPLE__)
#define POSIX 1
#endif
#ifdef POSIX
#define _GNU_SOURCE 1               /* feenableexcept */
#define _DARWIN_C_SOURCE 1
#include <pthread.h>
#include <sys/time.h>
#endif
#include <errno.h>
#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#ifdef __SSE2__
#include <xmmintrin.h>
#endif

#define JACOBIAN_IMPLEMENTATION
#include "../jacobian.h"
#include "check.h"
#include "draw.h"
#include <float.h>
#include <math.h>
#include <stdint.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
enum { N = 17, H = 33, O = 8, SAMPLES = JAC_SAMPLES < 4 ? 4 * JAC_SAMPLES + 1 : JAC_SAMPLES + 1 };   /* of a batch: the last goes alone */

/* ---- one description, shared by all; one desk for each net that works on it ---- */

static void raise_signal(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user);

static jac_real W1[N * H], W2[H * H], W3[H * O], b[H], X[SAMPLES * N];
static const jac_layer shared[] = {
    JAC_DENSE(N, H, W1, b), JAC_RELU, JAC_DENSE_T(H, H, W2, b), JAC_TANH, JAC_DENSE(H, O, W3, NULL), JAC_SOFTMAX
};
static const jac_layer raising[] = {
    JAC_DENSE(N, H, W1, b), JAC_RELU, JAC_DENSE_T(H, H, W2, b), JAC_ACTIVATION(raise_signal, NULL), JAC_DENSE(H, O, W3, NULL), JAC_SOFTMAX
};

typedef struct {
    jac_net net;
    unsigned char memory[JAC_NET_SIZE_BOUND(N, H, COUNT(shared))];
    jac_real y[SAMPLES * O], J[SAMPLES * O * N], VJ[O * N], JU[N * O];
} desk;

static desk expected, expected_raising;

static void fill(jac_real *v, size_t n)
{
    for (size_t i = 0; i < n; i++) v[i] = (jac_real)(2 * draw_uniform() - 1);
}

/* Everything a net can do, on one desk; 0 when a call is refused. */
static int work(desk *d, const jac_layer *layers)
{
    return jac_net_init(&d->net, N, layers, COUNT(shared), d->memory, sizeof d->memory) == JAC_OK &&
           jac_forward_backward_batch(&d->net, SAMPLES, X, d->y, d->J) == JAC_OK &&
           jac_vjp(&d->net, O, W3, d->VJ) == JAC_OK && jac_jvp(&d->net, N, W1, d->JU) == JAC_OK;
}

static int same(const desk *d, const desk *e)
{
    return memcmp(d->y, e->y, sizeof d->y) == 0 && memcmp(d->J, e->J, sizeof d->J) == 0 && memcmp(d->VJ, e->VJ, sizeof d->VJ) == 0 &&
           memcmp(d->JU, e->JU, sizeof d->JU) == 0;
}
static int as_expected(const desk *d) { return same(d, &expected); }

static void prepare(void)
{
    fill(W1, COUNT(W1));
    fill(W2, COUNT(W2));
    fill(W3, COUNT(W3));
    fill(b, COUNT(b));
    fill(X, COUNT(X));
    CHECK(work(&expected, shared));
    signal(SIGINT, SIG_IGN);
    CHECK(work(&expected_raising, raising));
}

/* ---- threads ---- */

#ifdef POSIX
enum { THREADS = 4, ROUNDS = CHECK_TRIALS(100) };

static void *thread(void *argument)
{
    desk *d = (desk *)argument;
    for (int r = 0; r < ROUNDS; r++) {
        memset(d, r, sizeof *d);
        if (!work(d, shared) || !as_expected(d)) return NULL;
    }
    return argument;
}

static void test_threads(void)
{
    static desk desks[THREADS];
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++) CHECK(pthread_create(&threads[t], NULL, thread, &desks[t]) == 0);
    for (int t = 0; t < THREADS; t++) {
        void *same = NULL;
        CHECK(pthread_join(threads[t], &same) == 0);
        CHECK_MSG(same == &desks[t], "thread %d got other bits", t);
    }
}
#endif

/* ---- an activation that never returns ---- */

static jmp_buf out;

static void leave(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    for (size_t j = 0; j < n; j++) {
        a[j] = z[j];
        da[j] = 1;
    }
    if (--*(int *)user == 0) longjmp(out, 1);
}

static void test_longjmp(void)
{
    static desk d;
    static const int at_call[] = { 1, 1, SAMPLES };  /* of the activation: of one sample, of a batch, and of its second block */
    static volatile int left;
    static int leaves;
    static const jac_layer layers[] = {
        JAC_DENSE(N, H, W1, b), JAC_RELU, JAC_DENSE_T(H, H, W2, b), JAC_ACTIVATION(leave, &leaves), JAC_DENSE(H, O, W3, NULL), JAC_SOFTMAX
    };
    static jac_real before[O * N];
    leaves = 0;
    CHECK(jac_net_init(&d.net, N, layers, COUNT(layers), d.memory, sizeof d.memory) == JAC_OK);
    CHECK(jac_forward_backward(&d.net, X, d.y, before) == JAC_OK);
    for (volatile size_t k = 0; k < COUNT(at_call); k++) {
        left = 0;
        leaves = at_call[k];
        if (setjmp(out) != 0) left = 1;
        else if (k == 0) (void)jac_forward(&d.net, X + N, d.y);
        else (void)jac_forward_backward_batch(&d.net, SAMPLES, X, d.y, d.J);
        leaves = 0;
        CHECK(left && jac_backward(&d.net, d.J) == JAC_ERROR_NO_FORWARD);      /* neither of one point nor of the other */
        CHECK(jac_forward_backward(&d.net, X, d.y, d.J) == JAC_OK && memcmp(before, d.J, sizeof before) == 0);
    }
}

/* ---- signals: the handler has a desk of its own ---- */

static volatile sig_atomic_t handled, handled_wrong;

static void handler(int number)
{
    static desk d;
    handled++;
    if (!work(&d, shared) || !as_expected(&d)) handled_wrong++;
    signal(number, handler);
}

static void raise_signal(size_t n, const jac_real *z, jac_real *a, jac_real *da, void *user)
{
    (void)user;
    raise(SIGINT);
    for (size_t j = 0; j < n; j++) a[j] = z[j] / 2, da[j] = (jac_real)0.5;
}

static void test_signals(void)
{
    static desk d;
    handled = handled_wrong = 0;
    signal(SIGINT, handler);        /* raised by the net itself, in the middle of its forward pass */
    CHECK(work(&d, raising) && same(&d, &expected_raising));
    CHECK(handled == SAMPLES && handled_wrong == 0);
    signal(SIGINT, SIG_DFL);
#ifdef POSIX
    {
        const time_t start = time(NULL);
        int wrong = 0;
        handled = handled_wrong = 0;
        signal(SIGALRM, handler);   /* and from outside, at any moment */
        for (int k = 0; handled < CHECK_TRIALS(200) && difftime(time(NULL), start) < 10; k++) {
            const struct itimerval once = { { 0, 0 }, { 0, 20 + k * 7 % 200 } };
            wrong += setitimer(ITIMER_REAL, &once, NULL) != 0 || !work(&d, shared) || !as_expected(&d);
        }
        signal(SIGALRM, SIG_IGN);
        CHECK_MSG(handled >= 10 && handled_wrong == 0 && wrong == 0, "%d signals, %d wrong in the handler, %d wrong outside", (int)handled,
                  (int)handled_wrong, wrong);
    }
#endif
}

/* ---- floating-point exceptions: finite nets that do not overflow raise none but inexact and underflow ---- */

#if defined(FE_INVALID) && defined(FE_DIVBYZERO) && defined(FE_OVERFLOW) && !CHECK_X87
#define RAISES 1
enum { RAISED = FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW };

static const jac_layer kinds[] = {
    JAC_RELU, JAC_LEAKY_RELU(0.25), JAC_ELU(1.5), JAC_TANH, JAC_SIGMOID, JAC_SOFTPLUS, JAC_SILU, JAC_GELU, JAC_SOFTMAX, JAC_LOG_SOFTMAX
};
enum { WIDE = 37 };
static jac_real directions[WIDE * WIDE];

static void raised(int exceptions, const char *what, int kind)
{
    CHECK_MSG(exceptions == 0, "%s, kind %d, raises%s%s%s", what, kind, exceptions & FE_INVALID ? " invalid" : "",
              exceptions & FE_DIVBYZERO ? " division by zero" : "", exceptions & FE_OVERFLOW ? " overflow" : "");
}

/* All calls of one net that is fed with z, in memory that held signaling NaNs; the checker only where its steps stay finite. */
static void calm(const jac_layer *layers, size_t n_layers, const jac_real *z, int checker, const char *what, int kind)
{
    static jac_real x[2 * WIDE], y[2 * WIDE], J[2 * WIDE * WIDE], VJ[WIDE * WIDE];
    static uint64_t memory[JAC_NET_SIZE_BOUND(WIDE, WIDE, 8) / 8 + 1];
    jac_check_report report;
    jac_net net;
    for (size_t i = 0; i < COUNT(memory); i++) memory[i] = sizeof(jac_real) == sizeof(float) ? 0x7f8000017f800001 : 0x7ff0000000000001;
    memcpy(x, z, WIDE * sizeof *x);
    memcpy(x + WIDE, z, WIDE * sizeof *x);
    CHECK(jac_net_init(&net, WIDE, layers, n_layers, memory, sizeof memory) == JAC_OK);
    feclearexcept(FE_ALL_EXCEPT);
    CHECK(jac_forward_backward_batch(&net, 2, x, y, J) == JAC_OK && jac_vjp(&net, WIDE, directions, VJ) == JAC_OK &&
          jac_jvp(&net, WIDE, directions, VJ) == JAC_OK);
    raised(fetestexcept(RAISED), what, kind);
    if (!checker) return;
    feclearexcept(FE_ALL_EXCEPT);
    CHECK(jac_check(&net, x, J, NULL, &report) == JAC_OK);
    raised(fetestexcept(RAISED), what, kind);
}

static void test_exceptions(void)
{
    static jac_real z[WIDE], identity[WIDE * WIDE];
    static const double sizes[] = { 0, 1e-300, 1e-40, 1e-30, 1e-5, 0.5, 1, 9, 17, 37, 40, 88, 104, 400, 710, 750, 1e3, 1e5 };
    const double huge = sqrt(sizeof(jac_real) == sizeof(float) ? (double)FLT_MAX : DBL_MAX) * 1e6;
    enum { SIZES = COUNT(sizes), STEP = CHECK_TRIALS(20) == 20 ? 1 : 4 };
    for (size_t i = 0; i < WIDE; i++) identity[i * WIDE + i] = 1;
    fill(directions, COUNT(directions));
    for (size_t k = 0; k < COUNT(kinds); k++) {
        jac_layer twice[] = { JAC_RELU, JAC_RELU }, after[] = { JAC_DENSE(WIDE, WIDE, identity, NULL), JAC_RELU };
        jac_layer between[] = { JAC_DENSE_T(WIDE, WIDE, identity, NULL), JAC_RELU, JAC_DENSE(WIDE, WIDE, identity, NULL), JAC_SOFTMAX };
        jac_layer columns[] = { JAC_DENSE_T(WIDE, WIDE, identity, NULL), JAC_RELU, JAC_DENSE_T(WIDE, WIDE, identity, NULL), JAC_RELU,
                                JAC_DENSE_T(WIDE, WIDE, identity, NULL) };
        jac_layer classes[] = { JAC_DENSE_T(WIDE, WIDE, identity, NULL), JAC_RELU, JAC_DENSE_T(WIDE, WIDE, identity, NULL), JAC_SOFTMAX };
        jac_layer behind[] = { JAC_DENSE(WIDE, WIDE, identity, NULL), JAC_RELU, JAC_DENSE(WIDE, WIDE, identity, NULL), JAC_SOFTMAX,
                               JAC_RELU };
        twice[0] = twice[1] = after[1] = between[1] = columns[1] = columns[3] = classes[1] = behind[4] = kinds[k];
        for (size_t set = 0; set < 2 + SIZES; set += STEP) {
            for (size_t i = 0; i < WIDE; i++)       /* all sizes with either sign; or with one sign; or nothing but one size */
                z[i] = (jac_real)(set > 1 ? sizes[set - 2] * (i % 2 ? 1 : -1) : sizes[i % SIZES] * (set == 1 || i % 2 ? -1 : 1));
            calm(twice, 1, z, 1, "alone", (int)kinds[k].kind);
            calm(twice, 2, z, 1, "twice", (int)kinds[k].kind);
            calm(after, 2, z, 1, "after a dense layer", (int)kinds[k].kind);
            calm(between, 4, z, 1, "between dense layers", (int)kinds[k].kind);
            calm(columns, 5, z, 0, "by columns", (int)kinds[k].kind);
            calm(classes, 4, z, 0, "by columns, before a softmax", (int)kinds[k].kind);
            calm(behind, 5, z, 0, "behind a softmax of live units", (int)kinds[k].kind);
        }
        for (size_t i = 0; i < WIDE; i++) z[i] = (jac_real)(huge * (i % 3 ? 1 : -1));    /* its square would overflow */
        calm(twice, 1, z, 0, "huge", (int)kinds[k].kind);
        calm(between, 4, z, 0, "huge between dense layers", (int)kinds[k].kind);
    }
}
#endif

/* ---- what belongs to the caller: rounding mode, exception masks, errno ---- */

static unsigned control(void)
{
#ifdef __SSE2__
    return _mm_getcsr() & 0xffc0u;  /* flush to zero, rounding, masks, denormals are zero */
#else
    return 0;
#endif
}

#ifdef FE_TONEAREST
/* A sum that directed rounding changes, where the machine has it for this type. */
static jac_real rounded_sum(void)
{
    volatile jac_real sum = 0, k = 3;
    for (; k < 30; k = k + 1) sum = sum + 1 / k;
    return sum;
}
#endif

static void test_environment(unsigned control_at_start)
{
    static desk d;
#ifdef FE_TONEAREST
    static const int modes[] = {
#ifdef FE_UPWARD
        FE_UPWARD,
#endif
#ifdef FE_DOWNWARD
        FE_DOWNWARD,
#endif
#ifdef FE_TOWARDZERO
        FE_TOWARDZERO,
#endif
        FE_TONEAREST
    };
    const jac_real to_nearest = rounded_sum();
    jac_check_report report;
    for (size_t k = 0; k < COUNT(modes); k++) {
        const int set = fesetround(modes[k]) == 0;  /* a machine may have but one mode */
        const unsigned before = control();
        const int in_force = !(rounded_sum() == to_nearest);
        const int worked = work(&d, shared) && jac_check(&d.net, X, d.J, NULL, &report) == JAC_OK;
        const int kept = fegetround() == (set ? modes[k] : FE_TONEAREST) && control() == before;
        fesetround(FE_TONEAREST);
        CHECK_MSG(worked && kept, "rounding mode %d is not what it was", modes[k]);
        CHECK_MSG(as_expected(&d) == !in_force, "rounding mode %d: other bits than the mode explains", modes[k]);
    }
#endif
    CHECK_MSG(control() == control_at_start, "the control register has changed: %x, %x", control_at_start, control());

    errno = 77;                     /* the library neither reads nor sets it; exp may set ERANGE */
    CHECK(work(&d, shared) && as_expected(&d) && (errno == 77 || errno == ERANGE));
    errno = 77;
    CHECK(jac_net_init(&d.net, N, shared, 3, d.memory, sizeof d.memory) == JAC_OK && jac_forward_backward(&d.net, X, d.y, d.J) == JAC_OK);
    CHECK(errno == 77);             /* dense and ReLU call no function of the C library */
    CHECK(jac_forward(&d.net, NULL, d.y) == JAC_ERROR_NULL && errno == 77);
    CHECK(jac_net_init(&d.net, 0, shared, 3, d.memory, 1) == JAC_ERROR_SIZE && errno == 77);
}

int main(void)
{
    const unsigned control_at_start = control();
    draw_seed(1);
    prepare();
#ifdef POSIX
    test_threads();
#endif
    test_longjmp();
    test_signals();
#ifdef RAISES
    test_exceptions();
#if defined(__GLIBC__) && !defined(__riscv)          /* which has no traps */
    if (check_failed == 0 && feenableexcept(RAISED) != -1) {        /* once more: now each would end the program */
        test_exceptions();
        fedisableexcept(RAISED);
    }
#endif
#endif
    test_environment(control_at_start);
    return check_report();
}
