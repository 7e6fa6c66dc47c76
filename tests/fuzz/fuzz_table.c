/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes the tables of a run folder, as a resume reads them: the input is the table,
 * and its first byte says after how many rows the checkpoint was written.
 */
#include <string.h>

#include "fuzz.h"
#include "train/runtable.h"

static const char head[] = "step,loss";

void fuzz_seeds(void)
{
    static const char *const tables[] = {
        "\2step,loss\n1,0.5\n2,0.25\n3,0.125\n",
        "\1step,loss\n1,0.5",
        "\0anything",
        "\3step,loss\n\n\n\n\n",
        "\1step,loss\r\n1,0.5\r\n",
    };

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        fuzz_seed(tables[i], 1 + strlen(tables[i] + 1));
}

/* The table has its head and so many rows, and nothing else. */
static void check_table(FILE *table, int rows)
{
    char text[sizeof head];
    int c;

    rewind(table);
    fuzz_check(fread(text, 1, sizeof head, table) == sizeof head);
    fuzz_check(memcmp(text, "step,loss\n", sizeof head) == 0);
    while ((c = getc(table)) != EOF)
        rows -= c == '\n';
    fuzz_check(rows == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const int rows = size > 0 ? bytes[0] % 8 : 0;
    struct ic_error error = {.message = ""};
    FILE *table;

    if (size == 0)
        return 0;
    table = fopen(fuzz_file(bytes + 1, size - 1), "r+");
    fuzz_check(table != NULL);
    if (ic_runtable_cut(table, "run", "steps.csv", head, rows, &error) == IC_OK)
        check_table(table, rows);
    else
        fuzz_check_refusal(&error);
    fclose(table);
    return 0;
}
