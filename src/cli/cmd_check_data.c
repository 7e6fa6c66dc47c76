/* SPDX-License-Identifier: MIT */
/*
 * im2cat check-data: reads every picture once and names those that a training run would
 * fail on.
 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/machine.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/shared_options.h"
#include "data/check.h"
#include "data/duplicates.h"

struct check_options {
    int workers;
};

static const struct ic_option table[] = {
    IC_OPTION_READERS(struct check_options, workers), {0}};

/* Opens the pictures. An Oxford set has them in its images/; its annotations hold
 * others. */
static ic_status open_pictures(const char *folder, struct ic_dataset *dataset,
                               struct ic_error *error)
{
    char *images;
    const char *path = folder;
    ic_status status;

    if (!ic_file_exists(folder))
        return ic_fail(error, IC_ERR_IO, "there is no folder %s", folder);
    images = ic_file_join(folder, "images");
    if (images == NULL)
        return ic_fail_memory(error, folder, strlen(folder));
    if (ic_file_is_folder(images))
        path = images;
    status = ic_dataset_open_paths(&path, 1, dataset, error);
    free(images);
    return status;
}

static void print_duplicates(const struct ic_dataset *dataset,
                             const struct ic_duplicates *duplicates)
{
    for (size_t i = 0; i < duplicates->count; i++) {
        const struct ic_duplicate *const pair = &duplicates->items[i];

        ic_text_write(stdout, dataset->samples[pair->sample].name);
        printf("\tit has the same bytes as ");
        ic_text_write(stdout, dataset->samples[pair->first].name);
        printf("\n");
    }
}

static enum ic_exit run(const struct ic_options *options, struct ic_error *error)
{
    const struct check_options *asked = options->values;
    struct ic_dataset dataset = {0};
    struct ic_findings findings = {0};
    struct ic_duplicates duplicates = {0};
    ic_status status = open_pictures(options->operands[0], &dataset, error);
    size_t unreadable = 0, odd;

    if (status == IC_OK)
        status = ic_check_pictures(&dataset, ic_machine_threads(asked->workers), true,
                                   NULL, &findings, error);
    if (status == IC_OK)
        status = ic_duplicates_find(&dataset, &duplicates, error);
    for (size_t i = 0; i < findings.count; i++) {
        const struct ic_finding *finding = &findings.items[i];
        unreadable += !finding->readable;
        ic_text_write(stdout, dataset.samples[finding->sample].name);
        printf("\t%s\n", finding->reason);
    }
    print_duplicates(&dataset, &duplicates);
    odd = findings.count - unreadable;
    if (status == IC_OK)
        fprintf(
            stderr,
            "%zu picture%s: %zu unreadable, %zu odd but readable, %zu duplicate%s\n",
            dataset.count, dataset.count == 1 ? "" : "s", unreadable, odd,
            duplicates.count, duplicates.count == 1 ? "" : "s");
    if (findings.count > 0 || duplicates.count > 0)
        status = IC_ERR_FORMAT;
    ic_findings_free(&findings);
    ic_duplicates_free(&duplicates);
    ic_dataset_close(&dataset);
    return status == IC_OK ? IC_EXIT_DONE : IC_EXIT_FAILED;
}

const struct ic_command ic_cmd_check_data = {
    .name = "check-data",
    .summary = "lists the unreadable and odd pictures of a folder",
    .operands = "DIR",
    .text = "Decodes every picture below DIR. Prints a line, path and reason separated "
            "by a tab, for each picture that is unreadable, is not of the type that "
            "its name says, decodes with a warning, has an EXIF orientation to apply "
            "(which train does with --exif-orientation apply), or duplicates another. "
            "No file is changed. The exit status is 1 if any picture is listed.\n",
    .options = table,
    .values_size = sizeof(struct check_options),
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
