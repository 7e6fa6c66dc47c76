/* SPDX-License-Identifier: MIT */
/*
 * Describes what an option's value must be, and parses its text into its field.
 *
 * Numbers are read strictly: the whole word must be a number, decimal, finite and
 * within its range.
 */
#include "base/option.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/word.h"

static bool is_whole(const struct ic_option *option)
{
    return option->type == IC_OPTION_INT || option->type == IC_OPTION_INT64 ||
           option->type == IC_OPTION_UINT64;
}

void ic_option_range(const struct ic_option *option, char *out, size_t size)
{
    if (is_whole(option))
        snprintf(out, size, "%sfrom %.0f to %.0f", option->or_zero ? "0, or " : "",
                 option->min, option->max);
    else if (option->type == IC_OPTION_REAL)
        snprintf(out, size, "%s %g %s %g", option->above_min ? "above" : "from",
                 option->min,
                 option->below_max   ? "and below"
                 : option->above_min ? "and at most"
                                     : "to",
                 option->max);
    else
        out[0] = '\0';
}

void ic_option_expects(const struct ic_option *option, char *out, size_t size)
{
    char range[80];

    ic_option_range(option, range, sizeof range);
    if (is_whole(option)) {
        snprintf(out, size, "a whole number%s %s", option->or_zero ? ":" : "", range);
    } else if (option->type == IC_OPTION_REAL) {
        snprintf(out, size, "a number %s", range);
    } else if (option->type == IC_OPTION_FLAG) {
        snprintf(out, size, "yes or no");
    } else if (option->choices == NULL) {
        snprintf(out, size, "%s", option->value);
    } else {
        ic_word_list(out, size, option->choices);
    }
}

static bool read_whole(const struct ic_option *option, void *field, const char *text)
{
    char *end;
    long long number;

    if (text[strspn(text, "-0123456789")] != '\0') /* no blanks, no plus */
        return false;
    errno = 0;
    number = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0)
        return false;
    if (((double)number < option->min || (double)number > option->max) &&
        !(option->or_zero && number == 0))
        return false;
    if (option->type == IC_OPTION_INT)
        *(int *)field = (int)number;
    else if (option->type == IC_OPTION_INT64)
        *(int64_t *)field = number;
    else
        *(uint64_t *)field = (uint64_t)number;
    return true;
}

static bool read_real(const struct ic_option *option, double *field, const char *text)
{
    char *end;
    double number;

    if (text[strspn(text, "+-.0123456789eE")] != '\0') /* no blanks, inf, nan, 0x */
        return false;
    number = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(number))
        return false;
    if (number < option->min || (option->above_min && number == option->min))
        return false;
    if (number > option->max || (option->below_max && number == option->max))
        return false;
    *field = number;
    return true;
}

/* The field of a choice is set to the table's word, not to the user's copy of it. */
static bool read_text(const struct ic_option *option, const char **field,
                      const char *text)
{
    if (option->choices == NULL) {
        *field = text;
        return text[0] != '\0';
    }
    for (const char *const *c = option->choices; *c != NULL; c++)
        if (strcmp(*c, text) == 0) {
            *field = *c;
            return true;
        }
    return false;
}

static bool read_flag(bool *field, const char *text)
{
    *field = strcmp(text, "yes") == 0;
    return *field || strcmp(text, "no") == 0;
}

ic_status ic_option_set(const struct ic_option *option, void *field, const char *text,
                        const char *where, struct ic_error *error)
{
    char expected[200];
    bool good;

    if (option->type == IC_OPTION_FLAG)
        good = read_flag(field, text);
    else if (option->type == IC_OPTION_REAL)
        good = read_real(option, field, text);
    else if (option->type == IC_OPTION_TEXT)
        good = read_text(option, field, text);
    else
        good = read_whole(option, field, text);
    if (good)
        return IC_OK;
    ic_option_expects(option, expected, sizeof expected);
    return ic_fail(error, IC_ERR_USAGE, "%s expects %s, found \"%.80s\"", where,
                   expected, text);
}
