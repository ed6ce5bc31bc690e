/* numpy.c - NumPy in a child process, numpy_peer.py: orders through one pipe, answers through another. It times itself. */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static FILE *orders, *answers;
static pid_t child;

const char *bench_numpy_start(void)
{
    static char line[160];
    const char *python = getenv("BENCH_PYTHON"), *script = getenv("BENCH_NUMPY_PEER");
    int to[2], from[2];
    if (python == NULL || script == NULL || *python == '\0' || pipe(to) != 0 || pipe(from) != 0) return NULL;
    child = fork();
    if (child == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        close(to[0]), close(to[1]), close(from[0]), close(from[1]);
        execlp(python, python, script, (char *)NULL);
        _exit(127);
    }
    close(to[0]), close(from[1]);
    signal(SIGPIPE, SIG_IGN);
    orders = fdopen(to[1], "wb");
    answers = fdopen(from[0], "rb");
    if (child < 0 || orders == NULL || answers == NULL || fgets(line, sizeof line, answers) == NULL) {
        bench_numpy_stop();
        return NULL;
    }
    line[strcspn(line, "\n")] = '\0';
    return line;
}

void bench_numpy_stop(void)
{
    if (orders != NULL) fclose(orders);
    if (answers != NULL) fclose(answers);
    if (child > 0) waitpid(child, NULL, 0);
    orders = answers = NULL;
    child = 0;
}

typedef struct state { const bench_net *net; size_t batch; } state;

static void *numpy_open(const bench_peer *peer, const bench_net *net, size_t batch)
{
    if (orders == NULL) return NULL;
    state *s = malloc(sizeof *s);
    (void)peer;
    s->net = net;
    s->batch = batch;
    fprintf(orders, "net %zu %d %zu %zu", net->real, net->softmax, batch, net->samples);
    for (size_t l = 0; l <= net->L; l++) fprintf(orders, " %zu", net->n[l]);
    fprintf(orders, "\n");
    for (size_t l = 0; l < net->L; l++) {
        fwrite(net->WT[l], net->real, net->n[l] * net->n[l + 1], orders);
        fwrite(net->b[l], net->real, net->n[l + 1], orders);
    }
    fwrite(net->X, net->real, net->samples * net->n[0], orders);
    return s;
}

static int numpy_run(void *p, const void *X, void *Y, void *J)
{
    const state *s = p;
    const size_t N = s->net->n[0], O = s->net->n[s->net->L];
    const size_t k = (size_t)((const char *)X - (const char *)s->net->X) / (N * s->net->real);
    fprintf(orders, "run %zu\n", k);
    fflush(orders);
    return fread(Y, s->net->real, s->batch * O, answers) != s->batch * O
        || fread(J, s->net->real, s->batch * O * N, answers) != s->batch * O * N;
}

static double numpy_seconds(void *p, size_t calls)
{
    char line[64];
    (void)p;
    fprintf(orders, "time %zu\n", calls);
    fflush(orders);
    if (fgets(line, sizeof line, answers) == NULL) {
        fprintf(stderr, "bench: the NumPy child died\n");
        exit(1);
    }
    return strtod(line, NULL);
}

extern const bench_peer peers_numpy[];
const bench_peer peers_numpy[] = { { "NumPy", sizeof(double), BENCH_PEER, 0, NULL, numpy_open, numpy_run, numpy_seconds, free },
                                   { "NumPy", sizeof(float), BENCH_PEER, 0, NULL, numpy_open, numpy_run, numpy_seconds, free },
                                   { NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL } };
