/* SPDX-License-Identifier: MIT */
/*
 * Forms, split into their parts: those of RFC 2046, those of browsers, and malformed
 * ones.
 */
#include "bytes.h"
#include "check.h"
#include "serve/multipart.h"

static struct ic_error error;

/* A form in memory that ends where the form does; the uploads point into it. */
static uint8_t *form;
static struct ic_uploads uploads = {.limit = 5};

static ic_status read_form(const char *type, const void *bytes, size_t size)
{
    ic_uploads_free(&uploads);
    free(form);
    form = check_alloc(size, 1);
    memcpy(form, bytes, size);
    return ic_multipart_read(&uploads, form, size, type, &error);
}

static ic_status read_text(const char *type, const char *text)
{
    return read_form(type, text, strlen(text));
}

static void is(size_t index, const char *name, const void *bytes, size_t size)
{
    const struct ic_upload *upload = &uploads.items[index];

    CHECK(index < uploads.count);
    if (index >= uploads.count)
        return;
    CHECK_INT(upload->size, size);
    CHECK(upload->size == size && memcmp(upload->bytes, bytes, size) == 0);
    CHECK(upload->name_length == strlen(name) &&
          memcmp(upload->name, name, strlen(name)) == 0);
    CHECK_INT(upload->height, 0);
}

#define PART(name, content)                                      \
    "Content-Disposition: form-data; name=\"x\"; filename=" name \
    "\r\nContent-Type: image/png\r\n\r\n" content "\r\n"

static const char b[] = "multipart/form-data; boundary=b";

static void right(void)
{
    CHECK_OK(read_text(
        b, "--b\r\n" PART("\"a.png\"", "12") "--b\r\n" PART("c", "") "--b--\r\n"));
    CHECK_INT(uploads.count, 2);
    is(0, "a.png", "12", 2);
    is(1, "c", "", 0);

    /* Without a final line end; with a preamble, an epilogue, spaces after boundaries.
     */
    CHECK_OK(read_text(b, "hello --b\r\n--b \t\r\n" PART("a", "x--b") "--b--"));
    CHECK_INT(uploads.count, 1);
    is(0, "a", "x--b", 4);
    CHECK_OK(
        read_text(b, "\r\n--b\r\n" PART("a", "x\r\n\r\ny") "--b--\r\nbye\r\n--b\r\n"));
    is(0, "a", "x\r\n\r\ny", 6);

    /* Bytes that resemble the boundary, and bytes of every value. */
    {
        struct bytes body = {0};
        char all[256];

        for (int i = 0; i < 256; i++)
            all[i] = (char)i;
        bytes_text(&body, "--b\r\n\r\n");
        bytes_put(&body, all, 256);
        bytes_text(&body, "\r\n-b\r\n--\r\nb--b");
        bytes_text(&body, "\r\n--b--");
        CHECK_OK(read_form(b, body.at, body.size));
        CHECK_INT(uploads.count, 1);
        CHECK_INT(uploads.items[0].size, 256 + 14);
        CHECK(memcmp(uploads.items[0].bytes, all, 256) == 0);
        bytes_free(&body);
    }
}

/* Types and headers in the forms that clients send. */
static void spellings(void)
{
    static const char *const types[] = {
        "multipart/form-data; boundary=\"b\"",
        "multipart/form-data;boundary=b",
        "Multipart/Form-Data; charset=\"x;boundary=no\"; BOUNDARY=b; x=y",
        "multipart/form-data;  \tboundary=b ",
    };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        CHECK_OK(read_text(types[i], "--b\r\n" PART("a", "1") "--b--"));
    CHECK_OK(read_text(b, "--b\r\nX: y\r\ncontent-disposition: form-data; "
                          "FILENAME=\"q\\\"uote;.png\"; name=x\r\n\r\n1\r\n--b--"));
    is(0, "q\\\"uote;.png", "1", 1);
    CHECK_OK(read_text(b, "--b\r\nContent-Disposition: form-data; name=\"filename=no\""
                          "\r\n\r\n1\r\n--b--"));
    is(0, "", "1", 1);
    CHECK_OK(read_text("multipart/form-data; boundary=\"a b'()+_,-./:=?\"",
                       "--a b'()+_,-./:=?\r\n" PART("a", "1") "--a b'()+_,-./:=?--"));
    is(0, "a", "1", 1);
}

static void wrong(void)
{
    static const char long_type[] =
        "multipart/form-data; boundary="
        "1234567890123456789012345678901234567890123456789012345678901234567890x";
    static const char *const types[] = {
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; aboundary=b",
        long_type,
    };
    static const struct {
        const char *text, *sentence;
    } bodies[] = {
        {"", "does not begin with its boundary"},
        {"--", "does not begin with its boundary"},
        {"x--b--", "does not begin with its boundary"},
        {"--b", "ends within part 1"},
        {"--b\r\n", "ends within part 1"},
        {"--bb\r\n\r\n\r\n--b--", "ends within part 1"},
        {"--b\r\n\r\nx", "ends within part 1"},
        {"--b\r\n--b--", "ends within part 1"},
        {"--b\r\n" PART("a", "x") "--b\r\n", "ends within part 2"},
        {"--b\r\nHead: er\r\n--b--", "part 1 of the form has no empty line"},
        {"--b--", "has no parts"},
        {"preamble\r\n--b--", "has no parts"},
    };

    static const char zero[] = "--b\r\nContent-Disposition: x; filename=\"a\0b\"\r\n"
                               "\r\n1\r\n--b--";

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        CHECK_FAILS(read_text(types[i], "--b\r\n" PART("a", "1") "--b--"),
                    IC_ERR_FORMAT, "has no boundary");
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        CHECK_FAILS(read_text(b, bodies[i].text), IC_ERR_FORMAT, bodies[i].sentence);
    CHECK_FAILS(read_form(b, zero, sizeof zero - 1), IC_ERR_FORMAT, "zero byte");
    CHECK_FAILS(read_text(b,
                          "--b\r\n\r\n\r\n--b\r\n\r\n\r\n--b\r\n\r\n\r\n--b\r\n\r\n\r\n"
                          "--b\r\n\r\n\r\n--b\r\n\r\n\r\n--b--"),
                IC_ERR_LIMIT, "exceeds the limit of 5 pictures");
}

/* Every prefix of a form is refused and read no further than it goes. */
static void cut(void)
{
    static const char whole[] =
        "--b\r\n" PART("\"a\"", "12") "--b\r\n" PART("c", "") "--b--";

    for (size_t size = 0; size < strlen(whole); size++)
        CHECK(read_form(b, whole, size) == IC_ERR_FORMAT);
    CHECK_OK(read_text(b, whole));
}

int main(void)
{
    char name[IC_UPLOAD_NAME];

    right();
    spellings();
    wrong();
    cut();
    CHECK_STRING(ic_upload_name(&uploads, 0, name), "picture 1 (a)");
    CHECK_STRING(ic_upload_name(&uploads, 1, name), "picture 2 (c)");
    uploads.items[0].name_length = 0;
    CHECK_STRING(ic_upload_name(&uploads, 0, name), "picture 1");
    uploads.count = 1;
    CHECK_STRING(ic_upload_name(&uploads, 0, name), "the picture");
    ic_uploads_free(&uploads);
    free(form);
    return check_result();
}
