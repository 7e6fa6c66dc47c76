/* SPDX-License-Identifier: MIT */
/*
 * Shows a training run. See train_display.h.
 */
#include "cli/train_display.h"

#include <stdio.h>
#include <unistd.h>

#include "base/machine.h"
#include "cli/command.h"
#include "report/first_batch.h"
#include "report/table.h"

void ic_train_display_clear(struct ic_train_display *display)
{
    if (display->line_open)
        fputs("\r\033[K", stderr);
    display->line_open = false;
}

enum { LINE = 79 };

/* Prints "per class: cat 16 + 4, dog 16 + 4", or the smallest and the largest numbers
 * where the classes are too many for a line. */
static void print_classes(const struct ic_start_report *start)
{
    size_t fewest = start->train_of_class[0], most = fewest;
    char line[LINE + 1];
    size_t used = (size_t)snprintf(line, sizeof line, "per class: ");

    for (int i = 0; i < start->class_count; i++) {
        const size_t count = start->train_of_class[i];

        fewest = count < fewest ? count : fewest;
        most = count > most ? count : most;
        if (used <= LINE)
            used += (size_t)snprintf(line + used, LINE + 1 - used, "%s%s %zu + %zu",
                                     i > 0 ? ", " : "", start->classes[i], count,
                                     start->valid_of_class[i]);
    }
    if (used <= LINE)
        fprintf(stderr, "%s\n", line);
    else if (fewest == most)
        fprintf(stderr, "per class: %zu training pictures\n", most);
    else
        fprintf(stderr, "per class: %zu to %zu training pictures\n", fewest, most);
}

static void show_start(void *context, const struct ic_start_report *start)
{
    struct ic_train_display *display = context;

    ic_train_display_clear(display);
    display->begun = true;
    if (display->quiet)
        return;
    fprintf(stderr, "%s, %d classes, %zu pictures to train on and %zu to validate\n",
            start->arch, start->class_count, start->train_images, start->valid_images);
    print_classes(start);
    if (start->ranks > 1)
        fprintf(stderr, "%d ranks (%s), each:\n", start->ranks, start->transport);
    fprintf(stderr, "%s; training takes %.0f MiB\n", start->device,
            (double)start->memory_bytes / (1 << 20));
}

static void show_step(void *context, const struct ic_step_report *step)
{
    struct ic_train_display *display = context;
    const double now = ic_machine_seconds();
    char line[IC_PROGRESS_LINE];

    if (display->quiet)
        return;
    ic_progress_line(&display->progress, line, step); /* every step refines its rates */
    if (now < display->next)
        return;
    if (display->terminal)
        fprintf(stderr, "\r\033[K%.79s", line);
    else
        fprintf(stderr, "%s\n", line);
    display->line_open = display->terminal;
    display->next = now + (display->terminal ? 0.2 : 30);
}

static void show_epoch(void *context, const struct ic_epoch_report *epoch)
{
    struct ic_train_display *display = context;
    char line[IC_TABLE_LINE];

    ic_train_display_clear(display);
    if (!display->header) {
        ic_table_header(line);
        puts(line);
        display->header = true;
    }
    ic_table_row(line, epoch);
    puts(line);
    fflush(stdout);
}

static void show_note(void *context, const char *sentence)
{
    ic_train_display_clear(context);
    ic_command_complain("%s", sentence);
}

static ic_status draw_first_batch(void *context,
                                  const struct ic_first_batch_report *report,
                                  struct ic_error *error)
{
    return ic_first_batch_draw(report, error);
}

void ic_train_display_open(struct ic_train_display *display, bool quiet,
                           const char *data)
{
    *display = (struct ic_train_display){.quiet = quiet,
                                         .terminal = isatty(STDERR_FILENO),
                                         .next = ic_machine_seconds() + 1};
    if (display->terminal && !quiet) {
        fprintf(stderr, "reading every picture in %.60s once ...", data);
        display->line_open = true;
    }
}

struct ic_train_events ic_train_display_events(struct ic_train_display *display)
{
    return (struct ic_train_events){
        .context = display,
        .on_start = show_start,
        .on_step = show_step,
        .on_epoch = show_epoch,
        .on_note = show_note,
        .on_first_batch = draw_first_batch,
    };
}
