/* SPDX-License-Identifier: MIT */
/*
 * Foreign text: UTF-8 is checked by its rules, and no control sequence for a terminal
 * is shown.
 */
#include "base/text.h"

#include "check.h"

#define COUNT(array) (sizeof array / sizeof array[0])

static void test_utf8(void)
{
    const char *const good[] = {"",
                                "pug",
                                "\xc3\xa4",
                                "\xe2\x82\xac",
                                "\xed\x9f\xbf",
                                "\xf0\x9f\x90\xb1",
                                "\xf4\x8f\xbf\xbf"};
    const char *const bad[] = {
        "\xe4",             /* Latin-1 */
        "\x80",             /* a lone continuation */
        "\xc0\xaf",         /* overlong */
        "\xe0\x80\xaf",     /* overlong */
        "\xf0\x80\x80\xaf", /* overlong */
        "\xed\xa0\x80",     /* a surrogate */
        "\xf4\x90\x80\x80", /* past the last character */
        "\xf8\x88\x80\x80", /* an invalid lead byte */
        "\xe2\x82",         /* cut off */
        "\xe2\x82x",        /* truncated in the middle */
        "ok\xff",
    };

    for (size_t i = 0; i < COUNT(good); i++)
        if (!ic_text_is_utf8(good[i]))
            CHECK_FAIL("good UTF-8 %zu is refused", i);
    for (size_t i = 0; i < COUNT(bad); i++)
        if (ic_text_is_utf8(bad[i]))
            CHECK_FAIL("bad UTF-8 %zu is taken", i);
}

/* Writes U+`code` as UTF-8. */
static void encode(char out[5], unsigned code)
{
    memset(out, 0, 5);
    if (code < 0x80) {
        out[0] = (char)code;
    } else if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
    } else {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
    }
}

/* Every character of up to three bytes is shown, except those named here. */
static void test_controls(void)
{
    for (unsigned code = 1; code < 0xd800; code++) {
        const bool control = code < 0x20 || (code >= 0x7f && code < 0xa0) ||
                             (code >= 0x2028 && code <= 0x202e) ||
                             (code >= 0x2066 && code <= 0x2069);
        char character[5], text[16], shown[16], expected[16];

        encode(character, code);
        snprintf(text, sizeof text, "a%sz", character);
        snprintf(expected, sizeof expected, "a%sz", control ? "?" : character);
        ic_text_show(shown, sizeof shown, text, strlen(text));
        if (strcmp(shown, expected) != 0 || ic_text_is_plain(text) == control)
            CHECK_FAIL("U+%04X is taken for what it is not", code);
    }
}

static void check_written(const char *text, const char *expected)
{
    char *written = NULL, copy[64];
    size_t size;
    FILE *stream = open_memstream(&written, &size);

    ic_text_write(stream, text);
    fclose(stream);
    CHECK_STRING(written, expected);
    free(written);
    strcpy(copy, text);
    ic_text_clean(copy);
    CHECK_STRING(copy, expected);
}

static void test_show(void)
{
    char shown[8];

    check_written("", "");
    check_written("Katze \xc3\xa4.jpg", "Katze \xc3\xa4.jpg");
    check_written("a\nb\033[2Jc\177", "a?b?[2Jc?");
    check_written("\xc2\x9b"
                  "2J",
                  "?2J"); /* CSI in one character */
    check_written("\x9b"
                  "2J",
                  "?2J");                               /* and as one byte */
    check_written("a\xe2\x80\xaegpj.exe", "a?gpj.exe"); /* reads as aexe.jpg */
    check_written("\xe4\xf6", "??");                    /* Latin-1 */
    check_written("\xe2\x82", "??");
    CHECK_STRING(ic_text_show(shown, sizeof shown, "0123456789", 10), "0123456");
    CHECK_STRING(ic_text_show(shown, sizeof shown, "0123456789", 2), "01");
    CHECK_STRING(ic_text_show(shown, 1, "0123456789", 2), "");
    /* A character is kept whole or dropped, and bytes after `length` are not read. */
    CHECK_STRING(ic_text_show(shown, sizeof shown, "12345\xe2\x82\xac", 8), "12345");
    CHECK_STRING(ic_text_show(shown, sizeof shown, "1234\xe2\x82\xac", 7),
                 "1234\xe2\x82\xac");
    CHECK_STRING(ic_text_show(shown, sizeof shown, "1\xe2\x82\xac", 3), "1??");
}

int main(void)
{
    test_utf8();
    test_controls();
    test_show();
    return check_result();
}
