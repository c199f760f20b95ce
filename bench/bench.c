/* The table of benchmarks: BENCH_RUNS, BENCH_ROWS, BENCH_SESSIONS, BENCH_TABLES and BENCH_COLUMNS in the
 * environment, rows to run as arguments. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "text.h"

static const struct {
    const char *name;
    void (*run)(Bench *bench);
} rows[] = {
    {"local-write", bench_local_write},
    {"flush", bench_flush},
    {"migrate", bench_migrate},
    {"dual-write", bench_dual_write},
    {"unreachable", bench_unreachable},
    {"start", bench_start},
    {"screen", bench_screen},
    {"catalog-run", bench_catalog_run},
    {"apply", bench_apply},
    {"ask", bench_ask},
};

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static json_t *numbers(const double *values, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(array, json_real(values[i]));
    }
    return array;
}

json_t *bench_row(Bench *bench, const BenchRow *row)
{
    double *ours = memory_zero(bench->runs, sizeof *ours);
    double *bare = memory_zero(bench->runs, sizeof *bare);
    double *ratios = memory_zero(bench->runs, sizeof *ratios);
    for (size_t i = 0; i < bench->runs; i++) {
        bare[i] = row->bare(row->context);
        ours[i] = row->ours(row->context);
        ratios[i] = row->rate ? bare[i] / ours[i] : ours[i] / bare[i];
    }
    json_t *all_ours = numbers(ours, bench->runs);
    json_t *all_bare = numbers(bare, bench->runs);
    double ratio = median(ratios, bench->runs);
    double target = row->target + row->allowance / median(bare, bench->runs);
    bool reached = row->rate ? ratio >= target : ratio <= target;
    json_t *out =
        json_pack("{s:s, s:s, s:f, s:f, s:f, s:s, s:f, s:b, s:o, s:o}", "work", row->name, "baseline",
                  row->baseline, "ours_s", median(ours, bench->runs), "baseline_s", median(bare, bench->runs),
                  "ratio", ratio, "ratio_of", row->rate ? "rate" : "time", "target", target, "reached",
                  reached, "ours_runs", all_ours, "baseline_runs", all_bare);
    json_array_append_new(bench->table, out);
    printf("| %s | %s | %.3f ms | %.3f ms | %.2f | %s %.2f | %s |\n", row->name, row->baseline,
           1e3 * json_real_value(json_object_get(out, "ours_s")),
           1e3 * json_real_value(json_object_get(out, "baseline_s")), ratio, row->rate ? ">=" : "<=", target,
           reached ? "yes" : "no");
    fflush(stdout);
    free(ours);
    free(bare);
    free(ratios);
    return out;
}

static long from_environment(const char *name, long fallback)
{
    const char *text = getenv(name);
    long number = text ? strtol(text, NULL, 10) : 0;
    return number > 0 ? number : fallback;
}

static bool is_chosen(const char *name, char *const *chosen)
{
    bool any = *chosen;
    for (; *chosen; chosen++) {
        if (strcmp(*chosen, name) == 0) {
            return true;
        }
    }
    return !any;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: amx_bench FOLDER JSON [ROW..]; bench/run starts it\n");
        return 2;
    }
    char *conninfo = text_format("host=%s user=bench dbname=postgres", argv[1]);
    Bench bench = {.folder = argv[1],
                   .conninfo = conninfo,
                   .runs = (size_t)from_environment("BENCH_RUNS", 5),
                   .rows = (int)from_environment("BENCH_ROWS", 100000),
                   .sessions = from_environment("BENCH_SESSIONS", 1000000),
                   .tables = (int)from_environment("BENCH_TABLES", 5000),
                   .columns = (int)from_environment("BENCH_COLUMNS", 20),
                   .table = json_array()};
    printf("| work | baseline | amx | baseline | ratio | target | reached |\n|-|-|-|-|-|-|-|\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (is_chosen(rows[i].name, argv + 3)) {
            rows[i].run(&bench);
        }
    }
    int failed = json_dump_file(bench.table, argv[2], JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    json_decref(bench.table);
    free(conninfo);
    return failed ? 1 : 0;
}
