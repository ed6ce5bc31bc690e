/* bench.c - how near to what the machine can do? The library's builds and its peers side by side, in one program.
 *
 *   bench [options]            the six problems, every peer, in shuffled interleaved rounds; tables at the end
 *     --problems seed,tiny       some of them only (see `problems` below)
 *     --types d,f                double, float                     --batch 1,64       one input a call, or 64
 *     --only jacobian,OpenBLAS   peers whose name has one of these --rounds 21        of the shuffled rounds
 *     --sweep                    also widths 16 to 4096 and depths 1 to 16, and 1 to 128 outputs
 *     --order                    also nets with few inputs: the order chosen, against the reverse one
 *     --csv FILE                 every figure, for plot.py; of all problems it takes --sweep along
 *     --coretype NAME            the kernel OpenBLAS is to take
 *     --quick                    fewer rounds, one input: a look, and a check that all of it works
 *     --compile COMMAND          first time this compiler command
 *
 * The floor of a call is what it must at least take here: layer by layer the larger of flops / peak and bytes / bandwidth
 * of the cache level that holds the weights; forward dense, backward over the weight rows of live units. Peak and
 * bandwidth are measured in the same rounds as the peers. It knows no latency, so tiny nets cannot reach it. */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { SAMPLES = 64, CHECKED = 4, MOST_ROUNDS = 1001, MOST_PEERS = 64, MOST_CASES = 512 };

/* ---------------------------------------------------------------------------------------------------- small tools */

double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* of processor, by all processes that this one started and that have ended */
static double children_seconds(void)
{
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

static void die(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(2);
}

static void *memory(size_t bytes)
{
    void *p = NULL;
    if (posix_memalign(&p, 64, bytes) != 0) die("out of memory");
    return p;
}

static unsigned long long rng;

static unsigned long long bits(void)                            /* splitmix64 (Vigna) */
{
    unsigned long long v = rng += 0x9e3779b97f4a7c15u;
    v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9u;
    v = (v ^ (v >> 27)) * 0x94d049bb133111ebu;
    return v ^ (v >> 31);
}

static double uniform(void) { return ((double)(bits() >> 11) + 0.5) / 9007199254740992.0; }
static double normal(void) { return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform()); }

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* the value that a share q of v does not exceed; q = 0.5 is the median */
static double quantile(const double *v, size_t n, double q)
{
    double sorted[MOST_ROUNDS];
    memcpy(sorted, v, n * sizeof *v);
    qsort(sorted, n, sizeof *sorted, ascending);
    return sorted[(size_t)(q * (double)(n - 1) + 0.5)];
}

/* ----------------------------------------------------------------------------------------------------- the options */

static struct {
    const char *problems, *types, *batch, *only, *csv, *coretype, *compile;
    size_t rounds;
    double block;                               /* seconds of a timed block */
    int sweep, order, quick;
} option = { NULL, "d,f", "1,64", NULL, NULL, NULL, NULL, 21, 1e-3, 0, 0, 0 };

/* Does the comma-separated list have the word, or with `part` a part of it? NULL has everything. */
static int listed(const char *list, const char *word, int part)
{
    if (list == NULL) return 1;
    for (const char *p = list; *p != '\0';) {
        char item[64] = "";
        const size_t n = strcspn(p, ",");
        if (n > 0 && n < sizeof item) {
            memcpy(item, p, n);
            if (part ? strstr(word, item) != NULL : strcmp(word, item) == 0) return 1;
        }
        p += n + (p[n] == ',');
    }
    return 0;
}

static void read_options(int argc, char **argv)
{
    for (int k = 1; k < argc; k++) {
        const char *name = argv[k], **text = NULL;
        if (strcmp(name, "--sweep") == 0) option.sweep = 1;
        else if (strcmp(name, "--order") == 0) option.order = 1;
        else if (strcmp(name, "--quick") == 0) option.quick = 1, option.rounds = 5, option.block = 3e-4, option.batch = "1";
        else if (strcmp(name, "--problems") == 0) text = &option.problems;
        else if (strcmp(name, "--types") == 0) text = &option.types;
        else if (strcmp(name, "--batch") == 0) text = &option.batch;
        else if (strcmp(name, "--only") == 0) text = &option.only;
        else if (strcmp(name, "--csv") == 0) text = &option.csv;
        else if (strcmp(name, "--coretype") == 0) text = &option.coretype;
        else if (strcmp(name, "--compile") == 0) text = &option.compile;
        else if (strcmp(name, "--rounds") == 0 && k + 1 < argc) option.rounds = strtoul(argv[++k], NULL, 10);
        else die("no such option; the first lines of tests/bench/bench.c name them all");
        if (text != NULL && k + 1 == argc) die("an option lacks its value");
        if (text != NULL) *text = argv[++k];
    }
    if (option.csv != NULL && option.problems == NULL) option.sweep = 1;
    if (option.rounds < 1 || option.rounds > MOST_ROUNDS) die("--rounds goes from 1 to 1001");
}

/* ---------------------------------------------------------------------------------------------------- the machine */

static const bench_limit *limit;                /* the widest vector set here */
static const char *const level_name[] = { "L1", "L2", "L3", "memory" };
static size_t level_bytes[3] = { 32 << 10, 512 << 10, 8 << 20 };
static char machine_text[240];                  /* one line about it, for the CSV */
static int levels_known;
static unsigned char *level_buffer[4];          /* each well inside its level; the last well outside them all */
static size_t level_used[4];

/* As Linux tells it, which in a virtual machine knows better than sysconf; else sysconf; else 0. */
static size_t cache_size(int level)
{
    const char *const index[] = { "0", "2", "3" };
    char path[80];
    unsigned long kib = 0;
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%s/size", index[level]);
    FILE *f = fopen(path, "r");
    if (f != NULL) {
        if (fscanf(f, "%luK", &kib) != 1) kib = 0;
        fclose(f);
        if (kib > 0) return (size_t)kib << 10;
    }
#ifdef _SC_LEVEL1_DCACHE_SIZE
    const int names[] = { _SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE };
    const long bytes = sysconf(names[level]);
    if (bytes > 0) return (size_t)bytes;
#endif
    return 0;
}

static void machine(void)
{
    const bench_limit *sets;
    const size_t count = bench_limits(&sets);
    limit = &sets[count - 1];
    for (int level = 0; level < 3; level++) {
        const size_t bytes = cache_size(level);
        if (bytes > 0) level_bytes[level] = bytes, levels_known++;
    }
    for (int level = 0; level < 4; level++) {
        size_t bytes = level < 3 ? level_bytes[level] / 2 : 4 * level_bytes[2];
        if (level == 2 && bytes > 8 << 20) bytes = 8 << 20;
        if (level == 3 && bytes > 128 << 20) bytes = 128 << 20;
        level_used[level] = bytes;
        level_buffer[level] = memory(bytes);
        memset(level_buffer[level], 0, bytes);
    }
    printf("limits of one core, medians:\n");
    for (size_t k = 0; k < count; k++) {
        double flops[2][15], read[4][15];
        for (int r = 0; r < 15; r++) {
            flops[0][r] = sets[k].flops(sizeof(double));
            flops[1][r] = sets[k].flops(sizeof(float));
            for (int level = 0; level < 4; level++)
                read[level][r] = sets[k].read(level_buffer[level], level_used[level], 1 + (16 << 20) / level_used[level]);
        }
        printf("  %-8s %6.1f GFLOP/s double, %6.1f float; reads", sets[k].name, 1e-9 * quantile(flops[0], 15, 0.5),
               1e-9 * quantile(flops[1], 15, 0.5));
        for (int level = 0; level < 4; level++)
            printf(" %s %.0f%s", level_name[level], 1e-9 * quantile(read[level], 15, 0.5), level < 3 ? "," : " GB/s\n");
    }
    snprintf(machine_text, sizeof machine_text, "%s, caches of %zu KiB, %zu KiB and %zu MiB", limit->name, level_bytes[0] >> 10,
             level_bytes[1] >> 10, level_bytes[2] >> 20);
    printf("  caches: L1 %zu KiB, L2 %zu KiB, L3 %zu KiB%s\n", level_bytes[0] >> 10, level_bytes[1] >> 10, level_bytes[2] >> 10,
           levels_known == 3 ? "" : " (not all told by the system: some are guesses)");
}

static int level_of(double bytes)
{
    int level = 0;
    while (level < 3 && bytes > (double)level_bytes[level]) level++;
    return level;
}

/* -------------------------------------------------------------------------------------------------------- the nets */

static const bench_net problems[] = {           /* name, layers, widths, softmax */
    { "seed", 2, { 500, 100, 10 }, 1, 0, 0, { 0 }, { 0 }, { 0 }, 0 },
    { "tiny", 3, { 4, 32, 32, 4 }, 0, 0, 0, { 0 }, { 0 }, { 0 }, 0 },
    { "robot", 3, { 14, 256, 256, 7 }, 0, 0, 0, { 0 }, { 0 }, { 0 }, 0 },
    { "digits", 2, { 64, 128, 10 }, 1, 0, 0, { 0 }, { 0 }, { 0 }, 0 },
    { "mnist", 3, { 784, 512, 512, 10 }, 1, 0, 0, { 0 }, { 0 }, { 0 }, 0 },
    { "wide", 3, { 1024, 1024, 1024, 64 }, 0, 0, 0, { 0 }, { 0 }, { 0 }, 0 },
};
static const bench_net few_inputs[] = {
    { "few", 3, { 3, 128, 128, 64 }, 0, 0, 0, { 0 }, { 0 }, { 0 }, 0 },
    { "pinn", 4, { 3, 64, 64, 64, 8 }, 0, 0, 0, { 0 }, { 0 }, { 0 }, 0 },
};
enum { PROBLEMS = sizeof problems / sizeof *problems, FEW = sizeof few_inputs / sizeof *few_inputs };

static double get(const bench_net *net, const void *v, size_t k)
{
    return net->real == sizeof(float) ? (double)((const float *)v)[k] : ((const double *)v)[k];
}
static void put(const bench_net *net, void *v, size_t k, double x)
{
    if (net->real == sizeof(float)) ((float *)v)[k] = (float)x;
    else ((double *)v)[k] = x;
}

/* Weights and biases N(0, 1/in), inputs N(0, 1): signed, so that the live units differ from input to input. */
static bench_net make_net(const bench_net *shape, size_t real)
{
    bench_net net = *shape;
    rng = 123;
    net.real = real;
    net.samples = SAMPLES;
    for (size_t l = 0; l < net.L; l++) {
        const size_t in = net.n[l], out = net.n[l + 1];
        const double scale = 1 / sqrt((double)in);
        net.W[l] = memory(in * out * real);
        net.WT[l] = memory(in * out * real);
        net.b[l] = memory(out * real);
        for (size_t o = 0; o < out; o++) {
            put(&net, net.b[l], o, scale * normal());
            for (size_t i = 0; i < in; i++) {
                const double w = scale * normal();
                put(&net, net.W[l], o * in + i, w);
                put(&net, net.WT[l], i * out + o, w);
            }
        }
    }
    net.X = memory(SAMPLES * net.n[0] * real);
    for (size_t k = 0; k < SAMPLES * net.n[0]; k++) put(&net, net.X, k, normal());
    return net;
}

static void free_net(bench_net *net)
{
    for (size_t l = 0; l < net->L; l++) free(net->W[l]), free(net->WT[l]), free(net->b[l]);
    free(net->X);
}

/* live[l][k]: how many units of a[l] sample k leaves alive. All samples at once, one weight read for all. */
static void count_live(const bench_net *net, double live[BENCH_DEPTH + 1][SAMPLES])
{
    double (*a)[SAMPLES] = memory(net->n[0] * sizeof *a);
    for (size_t i = 0; i < net->n[0]; i++)
        for (size_t k = 0; k < SAMPLES; k++) a[i][k] = get(net, net->X, k * net->n[0] + i);
    for (size_t l = 0; l < net->L; l++) {
        const size_t in = net->n[l], out = net->n[l + 1];
        double (*z)[SAMPLES] = memory(out * sizeof *z);
        for (size_t k = 0; k < SAMPLES; k++) live[l + 1][k] = 0;
        for (size_t o = 0; o < out; o++) {
            for (size_t k = 0; k < SAMPLES; k++) z[o][k] = get(net, net->b[l], o);
            for (size_t i = 0; i < in; i++) {
                const double w = get(net, net->W[l], o * in + i);
                for (size_t k = 0; k < SAMPLES; k++) z[o][k] += w * a[i][k];
            }
            for (size_t k = 0; k < SAMPLES; k++) {
                if (z[o][k] > 0) live[l + 1][k]++;
                else z[o][k] = 0;
            }
        }
        free(a);
        a = z;
    }
    free(a);
}

static double larger(double a, double b) { return a > b ? a : b; }

/* Seconds that a call takes at least, at `flops` operations and `read` bytes a second. The average over the samples. */
static double floor_of(const bench_net *net, size_t batch, double live[BENCH_DEPTH + 1][SAMPLES], double flops, double read)
{
    const size_t L = net->L;
    const double O = (double)net->n[L], real = (double)net->real;
    double dense = 0, rows = 0, bytes = 0, each = 0;            /* flops forward, backward; bytes of weights; seconds */
    const double softmax = net->softmax ? 4 * O * (double)net->n[L - 1] : 0;
    for (size_t k = 0; k < SAMPLES; k++) {
        each += softmax / flops;
        rows += softmax;
        for (size_t l = 0; l < L; l++) {
            const double in = (double)net->n[l], out = (double)net->n[l + 1];
            each += larger(2 * in * out / flops, in * out * real / read);
            dense += 2 * in * out;
            if (k == 0) bytes += in * out * real;
            if (l + 1 == L) continue;
            each += larger(2 * O * live[l + 1][k] * in / flops, live[l + 1][k] * in * real / read);
            rows += 2 * O * live[l + 1][k] * in;
        }
    }
    if (batch == 1) return each / SAMPLES;
    return larger((dense + rows) * (double)batch / SAMPLES / flops, (2 * bytes + (double)batch * O * (double)net->n[0] * real) / read);
}

/* The level that holds what a call touches: the weights, and J when it is one. */
static int level_of_net(const bench_net *net, size_t batch)
{
    double bytes = batch == 1 ? (double)(net->n[0] * net->n[net->L] * net->real) : 0;
    for (size_t l = 0; l < net->L; l++) bytes += (double)(net->n[l] * net->n[l + 1] * net->real);
    return level_of(bytes);
}

/* ------------------------------------------------------------------------------------------------------- the peers */

void *bench_blas;

/* Loads OpenBLAS and says which of its kernels it took, or NULL. */
static const char *start_blas(void)
{
    const char *const names[] = { "libopenblas.so.0", "libopenblas.so", "libopenblas.dylib" };
    char *(*kernel)(void) = NULL;
    for (size_t k = 0; k < 3 && bench_blas == NULL; k++) bench_blas = dlopen(names[k], RTLD_NOW | RTLD_LOCAL);
    if (bench_blas == NULL) return NULL;
    *(void **)&kernel = dlsym(bench_blas, "openblas_get_corename");
    return kernel == NULL ? "kernel unknown" : kernel();
}

#define X(peers) extern const bench_peer peers[];
PEERS
#undef X
extern const bench_peer reference_d[], reference_f[];

static const bench_peer *peer[MOST_PEERS];
static size_t peers;

static void gather_peers(void)
{
#define X(from) from,
    const bench_peer *const groups[] = { PEERS };
#undef X
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
        for (const bench_peer *p = groups[g]; p->name != NULL; p++) {
            if (peers == MOST_PEERS) die("too many peers");
            peer[peers++] = p;
        }
}

/* ------------------------------------------------------------------------------------------------------ one measure */

typedef struct entry {
    const bench_peer *peer;
    void *state;
    size_t calls, rounds;                       /* calls a block, rounds it takes part in */
    double seconds[MOST_ROUNDS];
} entry;

typedef struct result { const char *problem, *peer; char sizes[96]; size_t real, batch; double us, floor_us, spread, ratio; } result;

static result results[MOST_CASES * 24];
static size_t n_results;
static int wrong;                               /* answers that were not the reference's */

static double block(const entry *e, const bench_net *net, size_t batch, void *Y, void *J)
{
    if (e->peer->seconds != NULL) return e->peer->seconds(e->state, e->calls);
    const size_t walk = batch == 1 ? net->samples : 1, stride = net->n[0] * net->real;
    const unsigned char *X = net->X;
    const double start = bench_now();
    for (size_t c = 0, k = 0; c < e->calls; c++) {
        e->peer->run(e->state, X + k * stride, Y, J);
        if (++k == walk) k = 0;
    }
    return (bench_now() - start) / (double)e->calls;
}

/* Largest difference to the reference over the largest entry, of y and of J; what was not written counts as wrong. */
static double compare(const bench_net *net, const void *got, const double *want, size_t n)
{
    double most = 0, error = 0;
    for (size_t k = 0; k < n; k++) {
        const double d = fabs(get(net, got, k) - want[k]);
        if (!(d <= error)) error = d;
        if (!(fabs(want[k]) <= most)) most = fabs(want[k]);
    }
    return error / most;
}

static int answers_right(const entry *e, const bench_net *net, size_t batch, void *Y, void *J, double *const *y, double *const *want)
{
    const size_t N = net->n[0], O = net->n[net->L];
    const double tolerance = net->real == sizeof(float) ? 1e-4 : 1e-12;
    for (size_t c = 0; c < CHECKED; c++) {
        const size_t k = c * (SAMPLES - 1) / (CHECKED - 1), at = batch == 1 ? 0 : k;
        if (batch == 1 || c == 0) {
            memset(Y, 0xff, batch * O * net->real);             /* NaN */
            memset(J, 0xff, batch * O * N * net->real);
            if (e->peer->run(e->state, (unsigned char *)net->X + (batch == 1 ? k : 0) * N * net->real, Y, J) != 0) return 0;
        }
        const double of_y = compare(net, (unsigned char *)Y + at * O * net->real, y[c], O);
        const double of_J = compare(net, (unsigned char *)J + at * O * N * net->real, want[c], O * N);
        if (!(of_y <= tolerance && of_J <= tolerance)) {
            printf("WRONG: %s on %s, input %zu: off by %.1e in y, %.1e in J\n", e->peer->name, net->name, k, of_y, of_J);
            return 0;
        }
    }
    return 1;
}

static void progress(const char *line) { fprintf(stderr, isatty(2) ? "\r\033[K%s" : "%s\n", line); }

/* All peers of these roles on one net. */
static void measure(const bench_net *shape, size_t real, size_t batch, int roles)
{
    static entry entries[MOST_PEERS];
    static double live[BENCH_DEPTH + 1][SAMPLES], flops[MOST_ROUNDS], read[MOST_ROUNDS];
    char line[160], sizes[96] = "";
    size_t n = 0, order[MOST_PEERS];
    for (size_t l = 0; l <= shape->L; l++) snprintf(sizes + strlen(sizes), sizeof sizes - strlen(sizes), l ? "-%zu" : "%zu", shape->n[l]);
    snprintf(line, sizeof line, "%s, %s (%s)", real == sizeof(float) ? "float" : "double", shape->name, sizes);
    progress(line);

    bench_net net = make_net(shape, real);
    const size_t N = net.n[0], O = net.n[net.L];
    const int level = level_of_net(&net, batch);
    void *Y = memory(batch * O * real), *J = memory(batch * O * N * real);
    count_live(&net, live);

    double *y[CHECKED], *want[CHECKED];
    const bench_peer *reference = real == sizeof(float) ? reference_f : reference_d;
    void *state = reference->open(reference, &net, 1);
    for (size_t c = 0; c < CHECKED; c++) {
        y[c] = memory(O * sizeof(double));
        want[c] = memory(O * N * sizeof(double));
        reference->run(state, (unsigned char *)net.X + c * (SAMPLES - 1) / (CHECKED - 1) * N * real, y[c], want[c]);
    }
    reference->close(state);

    for (size_t p = 0; p < peers; p++) {
        entry *e = &entries[n];
        e->peer = peer[p];
        if (peer[p]->real != real || !(peer[p]->role & roles) || !listed(option.only, peer[p]->name, 1)) continue;
        e->state = peer[p]->open(peer[p], &net, batch);
        if (e->state == NULL) continue;
        if (!answers_right(e, &net, batch, Y, J, y, want)) wrong++;
        else {
            e->calls = 1;
            double seconds = block(e, &net, batch, Y, J);
            if (seconds < 0.1) seconds = block(e, &net, batch, Y, J);
            if (seconds < option.block) {                       /* the first few calls may have been cold */
                e->calls = 1 + (size_t)(0.3 * option.block / seconds);
                seconds = block(e, &net, batch, Y, J);
            }
            e->calls = seconds < option.block ? (size_t)(option.block / seconds) : 1;
            e->rounds = seconds < 0.02 ? option.rounds : seconds < 0.3 ? (option.rounds + 3) / 4 : (option.rounds + 6) / 7;
            if (seconds < 3.0) {
                n++;
                continue;
            }
            snprintf(line, sizeof line, "%s left out: %.1f s a call", peer[p]->name, seconds);
            progress(line);
        }
        peer[p]->close(e->state);
    }

    for (size_t p = 0; p < n; p++) order[p] = p;
    for (size_t r = 0; r < option.rounds; r++) {
        flops[r] = limit->flops(real);
        read[r] = limit->read(level_buffer[level], level_used[level], 1 + (16 << 20) / level_used[level]);
        for (size_t p = n; p > 1; p--) {
            const size_t q = (size_t)(bits() % p), swap = order[p - 1];
            order[p - 1] = order[q];
            order[q] = swap;
        }
        for (size_t p = 0; p < n; p++) {
            entry *e = &entries[order[p]];
            if (r < e->rounds) e->seconds[r] = block(e, &net, batch, Y, J);
        }
        if (isatty(2)) {
            snprintf(line, sizeof line, "%s, batch %zu, %s (%s): round %zu of %zu", real == sizeof(float) ? "float" : "double", batch,
                     net.name, sizes, r + 1, option.rounds);
            progress(line);
        }
    }

    const double peak = quantile(flops, option.rounds, 0.5), bandwidth = quantile(read, option.rounds, 0.5);
    const double least = floor_of(&net, batch, live, peak, bandwidth);
    for (size_t p = 0; p < n; p++) {
        const entry *e = &entries[p];
        double ratio[MOST_ROUNDS];
        for (size_t r = 0; r < e->rounds; r++) ratio[r] = r < entries[0].rounds ? e->seconds[r] / entries[0].seconds[r] : e->seconds[r];
        if (n_results == sizeof results / sizeof *results) die("too many results");
        result *out = &results[n_results++];
        out->problem = shape->name;
        out->peer = e->peer->name;
        memcpy(out->sizes, sizes, sizeof sizes);
        out->real = real;
        out->batch = batch;
        const double median = quantile(e->seconds, e->rounds, 0.5);
        out->us = 1e6 * median;
        out->floor_us = 1e6 * least;
        out->spread = (quantile(e->seconds, e->rounds, 0.75) - quantile(e->seconds, e->rounds, 0.25)) / median;
        out->ratio = quantile(ratio, e->rounds < entries[0].rounds ? e->rounds : entries[0].rounds, 0.5);
        e->peer->close(e->state);
    }
    snprintf(line, sizeof line, "%s, batch %zu, %s (%s): floor %.4g us at %.1f GFLOP/s and %.0f GB/s from %s\n",
             real == sizeof(float) ? "float" : "double", batch, net.name, sizes, 1e6 * least, 1e-9 * peak, 1e-9 * bandwidth,
             level_name[level]);
    if (isatty(2)) progress(line);
    else fprintf(stderr, "%s", line);
    for (size_t c = 0; c < CHECKED; c++) free(y[c]), free(want[c]);
    free(Y);
    free(J);
    free_net(&net);
}

/* ------------------------------------------------------------------------------------------------------- the tables */

static const result *find(const char *problem, const char *name, size_t real, size_t batch)
{
    for (size_t k = n_results; k-- > 0;)
        if (results[k].real == real && results[k].batch == batch && strcmp(results[k].problem, problem) == 0 &&
            strcmp(results[k].peer, name) == 0)
            return &results[k];
    return NULL;
}

/* A row a peer, a column a problem: microseconds and times the floor, or with `ratios` times what the first peer takes. */
static void table(const char *title, const bench_net *nets, size_t n_nets, size_t real, size_t batch, int ratios)
{
    int columns[16], any = 0;
    for (size_t c = 0; c < n_nets; c++) {
        columns[c] = 0;
        for (size_t p = 0; p < peers; p++) columns[c] |= find(nets[c].name, peer[p]->name, real, batch) != NULL;
        any |= columns[c];
    }
    if (!any) return;
    printf("\n%s, %s, %s\n%-34s", title, real == sizeof(float) ? "float" : "double", batch == 1 ? "one input" : "batch of 64", "");
    for (size_t c = 0; c < n_nets; c++) if (columns[c]) printf(" %17s", nets[c].name);
    printf("\n");
    if (!ratios) {
        printf("%-34s", "floor, us");
        for (size_t c = 0; c < n_nets; c++)
            for (size_t p = 0; columns[c] && p < peers; p++) {
                const result *r = find(nets[c].name, peer[p]->name, real, batch);
                if (r == NULL) continue;
                printf(" %9.4g %7s", r->floor_us, "");
                break;
            }
        printf("\n");
    }
    for (size_t p = 0; p < peers; p++) {
        int shown = 0;
        if (peer[p]->real != real) continue;
        for (size_t c = 0; c < n_nets; c++) shown |= find(nets[c].name, peer[p]->name, real, batch) != NULL;
        if (!shown) continue;
        printf("%-34s", peer[p]->name);
        for (size_t c = 0; c < n_nets; c++) {
            if (!columns[c]) continue;
            const result *r = find(nets[c].name, peer[p]->name, real, batch);
            if (r == NULL) printf(" %17s", "-");
            else if (ratios) printf(" %17.3g", r->ratio);
            else printf(" %9.4g (%5.3g)", r->us, r->us / r->floor_us);
        }
        printf("\n");
    }
}

static void write_csv(void)
{
    FILE *f = fopen(option.csv, "w");
    if (f == NULL) die("the CSV file cannot be written");
    fprintf(f, "# %s\n", machine_text);
    fprintf(f, "problem,sizes,type,batch,peer,us,floor_us,over_floor,over_first,iqr\n");
    for (size_t k = 0; k < n_results; k++) {
        const result *r = &results[k];
        fprintf(f, "%s,%s,%s,%zu,\"%s\",%.6g,%.6g,%.4g,%.4g,%.3g\n", r->problem, r->sizes, r->real == sizeof(float) ? "float" : "double",
                r->batch, r->peer, r->us, r->floor_us, r->us / r->floor_us, r->ratio, r->spread);
    }
    if (fclose(f) != 0) die("the CSV file cannot be written");
}

/* Square nets of one width, 10 outputs: does the cost grow with the work? */
static void sweep(void)
{
    static const size_t depths[] = { 1, 2, 4, 8, 16 };
    static char names[32][5][24];
    size_t n = 0, widths[32];
    for (size_t w = 16; w <= 4096; w *= 2) widths[n++] = w, widths[n++] = w + 1;
    for (size_t k = 0; k < n; k++)
        for (size_t d = 0; d < 5; d++) {
            bench_net shape = { names[k][d], depths[d] + 1, { 0 }, 0, 0, 0, { 0 }, { 0 }, { 0 }, 0 };
            if (widths[k] * widths[k] * depths[d] > (size_t)17 << 20) continue;
            if (option.quick && (widths[k] > 1025 || depths[d] > 4)) continue;
            snprintf(names[k][d], sizeof names[k][d], "width %zu depth %zu", widths[k], depths[d]);
            for (size_t l = 0; l <= depths[d]; l++) shape.n[l] = widths[k];
            shape.n[depths[d] + 1] = 10;
            measure(&shape, sizeof(double), 1, BENCH_MAIN);
        }
    for (int p = 0; p < 2; p++) {
        printf("\ntimes the floor, double, one input, 10 outputs: %s\n%-8s", peer[p]->name, "width");
        for (size_t d = 0; d < 5; d++) printf("  %2zu hidden", depths[d]);
        printf("\n");
        for (size_t k = 0; k < n; k++) {
            printf("%-8zu", widths[k]);
            for (size_t d = 0; d < 5; d++) {
                const result *r = find(names[k][d], peer[p]->name, sizeof(double), 1);
                if (r == NULL) printf(" %10s", "-");
                else printf(" %10.3g", r->us / r->floor_us);
            }
            printf("\n");
        }
    }
    printf("(- : more than 17 million weights)\n");
}

/* One net with 1 to 128 outputs, with and without a softmax: does it grow with them? */
static void outputs(void)
{
    static const size_t counts[] = { 1, 2, 4, 7, 8, 9, 10, 12, 13, 16, 17, 24, 25, 32, 48, 49, 64, 65, 128 };
    enum { COUNTS = sizeof counts / sizeof *counts };
    static char names[COUNTS][2][24];
    for (size_t k = 0; k < COUNTS; k++)
        for (int softmax = 0; softmax < 2; softmax++) {
            bench_net shape = { names[k][softmax], 3, { 256, 256, 256, counts[k] }, softmax, 0, 0, { 0 }, { 0 }, { 0 }, 0 };
            if ((option.quick && counts[k] > 32) || (softmax && counts[k] == 1)) continue;              /* J = 0 of one class */
            snprintf(names[k][softmax], sizeof names[k][softmax], "outputs %zu%s", counts[k], softmax ? " softmax" : "");
            measure(&shape, sizeof(double), 1, BENCH_MAIN);
        }
    printf("\ntimes the floor, double, one input, 256-256-256-O and with softmax\n%-8s", "O");
    for (int p = 0; p < 2; p++) printf(" %24s", peer[p]->name);
    printf("\n");
    for (size_t k = 0; k < COUNTS; k++) {
        printf("%-8zu", counts[k]);
        for (int p = 0; p < 2; p++)
            for (int softmax = 0; softmax < 2; softmax++) {
                const result *r = find(names[k][softmax], peer[p]->name, sizeof(double), 1);
                if (r == NULL) printf(" %*s", softmax ? 9 : 14, "-");
                else printf(" %*.3g", softmax ? 9 : 14, r->us / r->floor_us);
            }
        printf("\n");
    }
}

/* Nets with few inputs, and the six: the order that the library takes, against the reverse one. */
static void orders(void)
{
    static bench_net nets[FEW + PROBLEMS];
    static char names[FEW + PROBLEMS][24];
    for (size_t k = 0; k < FEW + PROBLEMS; k++) {
        nets[k] = k < FEW ? few_inputs[k] : problems[k - FEW];
        snprintf(names[k], sizeof names[k], "%s, order", nets[k].name);
        nets[k].name = names[k];
        measure(&nets[k], sizeof(double), 1, BENCH_MAIN | BENCH_ORDER);
    }
    table("us a call (times the floor of reverse order)", nets, FEW + PROBLEMS, sizeof(double), 1, 0);
    table("time over that of the first row", nets, FEW + PROBLEMS, sizeof(double), 1, 1);
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    setvbuf(stdout, NULL, _IOLBF, 0);
    gather_peers();
    if (option.compile != NULL) {
        const double before = children_seconds();
        if (system(option.compile) != 0) die("the compiler command failed");
        printf("%s\n  took %.2f s of processor time\n", option.compile, children_seconds() - before);
    }
    unsetenv("OPENBLAS_CORETYPE");              /* it would decide how fast OpenBLAS is */
    unsetenv("OPENBLAS_L2_SIZE");
    if (option.coretype != NULL) setenv("OPENBLAS_CORETYPE", option.coretype, 1);
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    setenv("OMP_NUM_THREADS", "1", 1);
    const char *blas = start_blas(), *numpy = bench_numpy_start();
    printf("OpenBLAS: %s\nNumPy: %s\n", blas == NULL ? "not found, left out" : blas, numpy == NULL ? "not found, left out" : numpy);
    machine();
    if (blas != NULL)
        snprintf(machine_text + strlen(machine_text), sizeof machine_text - strlen(machine_text), "; OpenBLAS kernel %s", blas);
    if (numpy != NULL) snprintf(machine_text + strlen(machine_text), sizeof machine_text - strlen(machine_text), "; %s", numpy);

    const size_t reals[] = { sizeof(double), sizeof(float) }, batches[] = { 1, SAMPLES };
    for (int t = 0; t < 2; t++)
        for (int b = 0; b < 2; b++)
            for (size_t p = 0; p < PROBLEMS; p++)
                if (listed(option.types, t ? "f" : "d", 0) && listed(option.batch, b ? "64" : "1", 0) &&
                    listed(option.problems, problems[p].name, 0))
                    measure(&problems[p], reals[t], batches[b], BENCH_MAIN | BENCH_PEER);
    if (wrong == 0 && isatty(2)) progress("");
    for (int t = 0; t < 2; t++)
        for (int b = 0; b < 2; b++) {
            table("us a call (times the floor)", problems, PROBLEMS, reals[t], batches[b], 0);
            table("time over that of the first row", problems, PROBLEMS, reals[t], batches[b], 1);
        }
    if (option.order) orders();
    if (option.sweep) {
        if (option.rounds > 11) option.rounds = 11;
        sweep();
        outputs();
    }
    if (option.csv != NULL) write_csv();
    bench_numpy_stop();
    if (wrong > 0) printf("\n%d wrong answers\n", wrong);
    return wrong > 0;
}
