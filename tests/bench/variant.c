/* variant.c - the library as peers of the benchmark. Compiled once a compiler, level and type, so the header stands many
 * times in one program: all of it is static. NAME and BUILD (what to call this build) are given by the build. */
#define JACOBIAN_IMPLEMENTATION
#define JAC_STATIC
#include "jacobian.h"
#include "bench.h"
#include <stdlib.h>
#include <string.h>

enum { OUT_IN, IN_OUT = 1, REVERSE = 2 };      /* layout of the weights; J in reverse order, whatever the shapes */

typedef struct state {
    jac_net net;
    jac_layer layers[2 * BENCH_DEPTH];
    size_t n_layers, batch;
    void *memory;
    jac_real *I;
} state;

static void close_net(void *p)
{
    state *s = p;
    free(s->memory);
    free(s->I);
    free(s);
}

/* Hold the net to one vector set. Returns 0 when that is the set it has anyway, or one that is not there. */
static int hold_to(jac_net *net, const char *set)
{
#ifdef JAC_IMPL_AVX
    const jac_impl_kernels *const sets[] = { &jac_impl_kernels_sse2, &jac_impl_kernels_avx2, &jac_impl_kernels_avx512 };
    for (size_t k = 0; k < 3 && sets[k] != net->kernels; k++)
        if (strcmp(sets[k]->name, set) == 0) {
            net->kernels = sets[k];
            return 1;
        }
#endif
    (void)net;
    (void)set;
    return 0;
}

static void *open_net(const bench_peer *peer, const bench_net *from, size_t batch)
{
    state *s = calloc(1, sizeof *s);
    const size_t N = from->n[0], O = from->n[from->L];
    for (size_t l = 0; l < from->L; l++) {
        const jac_layer dense = JAC_DENSE(from->n[l], from->n[l + 1], from->W[l], from->b[l]);
        const jac_layer dense_t = JAC_DENSE_T(from->n[l], from->n[l + 1], from->WT[l], from->b[l]);
        const jac_layer relu = JAC_RELU, softmax = JAC_SOFTMAX;
        s->layers[s->n_layers++] = peer->how & IN_OUT ? dense_t : dense;
        if (l + 1 < from->L) s->layers[s->n_layers++] = relu;
        else if (from->softmax) s->layers[s->n_layers++] = softmax;
    }
    s->batch = batch;
    jac_impl_plan plan;
    if (jac_impl_describe(N, s->layers, s->n_layers, &plan) != JAC_OK) abort();
    plan.rows = O < JAC_ROWS ? O : JAC_ROWS;
    plan.scratch = jac_impl_scratch_bytes(N, s->layers, s->n_layers, &plan);
    const size_t size = jac_net_size(N, s->layers, s->n_layers) + plan.scratch;
    s->memory = malloc(size);
    if (jac_net_init(&s->net, N, s->layers, s->n_layers, s->memory, size) != JAC_OK) abort();
    if (peer->how & REVERSE) {                          /* as the library would without the other order */
        s->net.forward_order = 0;
        s->net.rows = plan.rows;
        s->net.cache = (jac_real *)(void *)((unsigned char *)s->net.scratch + plan.scratch);
    }
    s->I = calloc(O * O, sizeof *s->I);
    for (size_t o = 0; o < O; o++) s->I[o * O + o] = 1;
    if (peer->set != NULL && !hold_to(&s->net, peer->set)) {
        close_net(s);
        return NULL;
    }
    return s;
}

static int run(void *p, const void *X, void *Y, void *J)
{
    state *s = p;
    if (s->batch > 1) return jac_forward_backward_batch(&s->net, s->batch, X, Y, J) != JAC_OK;
    return jac_forward_backward(&s->net, X, Y, J) != JAC_OK;
}

#ifdef MAIN
static int run_vjp(void *p, const void *X, void *Y, void *J)
{
    state *s = p;
    return jac_forward(&s->net, X, Y) != JAC_OK || jac_vjp(&s->net, s->net.n_out, s->I, J) != JAC_OK;
}
#endif

#define PEER(name, role, how, set, run) { "jacobian.h" name, sizeof(jac_real), role, how, set, open_net, run, NULL, close_net }
extern const bench_peer NAME[];
const bench_peer NAME[] = {
#ifdef MAIN
    PEER(", " BUILD, BENCH_MAIN, OUT_IN, NULL, run),
    PEER(" T, " BUILD, BENCH_MAIN, IN_OUT, NULL, run),
    PEER(", AVX2 only", BENCH_PEER, OUT_IN, "avx2", run),
    PEER(", SSE2 only", BENCH_PEER, OUT_IN, "sse2", run),
    PEER(", in reverse", BENCH_ORDER, OUT_IN | REVERSE, NULL, run),
    PEER(" T, in reverse", BENCH_ORDER, IN_OUT | REVERSE, NULL, run),
    PEER(", jac_vjp of I", BENCH_ORDER, OUT_IN, NULL, run_vjp),
    PEER(" T, jac_vjp of I", BENCH_ORDER, IN_OUT, NULL, run_vjp),
#else
    PEER(", " BUILD, BENCH_PEER, OUT_IN, NULL, run),
    PEER(" T, " BUILD, BENCH_PEER, IN_OUT, NULL, run),
#endif
    { NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL }
};
