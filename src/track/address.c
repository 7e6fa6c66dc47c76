/* SPDX-License-Identifier: MIT */
/*
 * Reads addresses by RFC 3986, as far as servers use it. See address.h.
 */
#include "track/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ADDRESS_MOST = 2000 };

/* Where the parts of an address lie in its text. */
struct parts {
    size_t scheme;      /* its length */
    const char *user;   /* NULL: none */
    size_t user_length; /* with the password */
    const char *host;   /* with brackets, where it has them */
    size_t host_length;
    const char *port; /* the digits; NULL: none */
    size_t port_length;
    const char *path; /* from its slash on; may be empty */
};

static bool is_scheme(const char *text, const struct parts *parts, const char *name)
{
    return parts->scheme == strlen(name) && strncasecmp(text, name, parts->scheme) == 0;
}

/* Every character of a host's name, or of an address in brackets. */
static bool host_is_plain(const char *host, size_t length)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
    const bool brackets = length > 2 && host[0] == '[' && host[length - 1] == ']';

    if (brackets)
        return strspn(host + 1, "0123456789abcdefABCDEF:.") == length - 2;
    return length > 0 && strspn(host, letters) >= length;
}

/* Splits SCHEME://[USER@]HOST[:PORT][/PATH]; false where the text has another form. */
static bool split(const char *text, struct parts *parts)
{
    const char *colon = strstr(text, "://"), *begin, *end, *at = NULL;

    *parts = (struct parts){0};
    if (colon == NULL || colon == text)
        return false;
    parts->scheme = (size_t)(colon - text);
    begin = colon + 3;
    end = begin + strcspn(begin, "/?#");
    for (const char *c = begin; c < end; c++)
        if (*c == '@')
            at = c;
    if (at != NULL) {
        parts->user = begin;
        parts->user_length = (size_t)(at - begin);
        begin = at + 1;
    }
    parts->path = end;
    parts->host = begin;
    for (const char *c = end; c > begin && c[-1] != ']'; c--)
        if (c[-1] == ':') {
            parts->port = c;
            parts->port_length = (size_t)(end - c);
            end = c - 1;
            break;
        }
    parts->host_length = (size_t)(end - begin);
    if (parts->port != NULL && (parts->port_length < 1 || parts->port_length > 5 ||
                                strspn(parts->port, "0123456789") < parts->port_length))
        return false;
    return host_is_plain(parts->host, parts->host_length);
}

/* The part of a malformed address that messages may show: everything after the last @,
 * since what comes before it may be a password. */
static const char *harmless(const char *text)
{
    const char *at = strrchr(text, '@');

    return at != NULL ? at + 1 : text;
}

static ic_status refuse(const char *text, const char *why, struct ic_error *error)
{
    return ic_fail(error, IC_ERR_USAGE,
                   "\"%.200s\" is not the address of an MLflow server (%s): expected "
                   "http://HOST:PORT, https://HOST or azureml://...",
                   harmless(text), why);
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Copies `length` bytes with %XX decoded; NULL when out of memory. */
static char *decode(const char *text, size_t length)
{
    char *copy = malloc(length + 1);
    size_t out = 0;

    if (copy == NULL)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        const bool coded = text[i] == '%' && length - i > 2 && hex(text[i + 1]) >= 0 &&
                           hex(text[i + 2]) >= 0;

        if (coded) {
            copy[out++] = (char)(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        } else {
            copy[out++] = text[i];
        }
    }
    copy[out] = '\0';
    return copy;
}

/* Moves name and password out of the text; false when out of memory. */
static bool take_user(struct ic_address *address, const struct parts *parts)
{
    const char *colon;
    size_t length;

    if (parts->user == NULL)
        return true;
    colon = memchr(parts->user, ':', parts->user_length);
    length = colon != NULL ? (size_t)(colon - parts->user) : parts->user_length;
    address->user = decode(parts->user, length);
    address->password =
        colon != NULL ? decode(colon + 1, parts->user_length - length - 1) : strdup("");
    return address->user != NULL && address->password != NULL;
}

/* Joins the parts again, without name, password and slashes at the end. With `azure`,
 * azureml:// and its v1.0 become https:// and v2.0. Allocated; NULL when out of memory.
 */
static char *join(const char *text, const struct parts *parts, bool azure)
{
    static const char old[] = "/mlflow/v1.0/";
    const char *path = parts->path;
    const size_t scheme = azure ? 5 : parts->scheme;
    const bool translate = azure && strncmp(path, old, sizeof old - 1) == 0;
    size_t length;
    char *joined;

    if (translate)
        path += sizeof old - 1;
    length = strlen(path);
    while (length > 0 && path[length - 1] == '/')
        length--;
    if (asprintf(&joined, "%.*s://%.*s%s%.*s%s%.*s", (int)scheme,
                 azure ? "https" : text, (int)parts->host_length, parts->host,
                 parts->port != NULL ? ":" : "",
                 parts->port != NULL ? (int)parts->port_length : 0,
                 parts->port != NULL ? parts->port : "",
                 translate ? "/mlflow/v2.0/" : "", (int)length, path) < 0)
        return NULL;
    return joined;
}

ic_status ic_address_read(struct ic_address *address, const char *text,
                          struct ic_error *error)
{
    struct parts parts;

    *address = (struct ic_address){0};
    if (strlen(text) > ADDRESS_MOST)
        return refuse("it", "it is too long", error);
    for (const char *c = text; *c != '\0'; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr("\"<>\\^`{|}", *c) != NULL)
            return refuse(text, "it contains a character that an address cannot have",
                          error);
    if (!split(text, &parts))
        return refuse(text, "it is not of the form scheme://host:port", error);
    address->azure = is_scheme(text, &parts, "azureml");
    if (!address->azure && !is_scheme(text, &parts, "http") &&
        !is_scheme(text, &parts, "https"))
        return refuse(text, "its scheme is not one of these", error);
    if (strpbrk(parts.path, "?#") != NULL)
        return refuse(text, "it contains a query or a fragment", error);
    address->base = join(text, &parts, address->azure);
    address->shown = join(text, &parts, false);
    if (address->base == NULL || address->shown == NULL ||
        !take_user(address, &parts)) {
        ic_address_free(address);
        return ic_fail_memory(error, "an address", 0);
    }
    return IC_OK;
}

void ic_address_free(struct ic_address *address)
{
    free(address->base);
    free(address->shown);
    free(address->user);
    free(address->password);
    *address = (struct ic_address){0};
}

/* The port's number, or the default port of the scheme. */
static long port_of(const char *text, const struct parts *parts)
{
    if (parts->port != NULL)
        return strtol(parts->port, NULL, 10);
    return is_scheme(text, parts, "https") ? 443 : 80;
}

bool ic_address_may_follow(const char *from, const char *to)
{
    struct parts a, b;

    if (!split(from, &a) || !split(to, &b) || b.user != NULL)
        return false;
    if (a.host_length != b.host_length ||
        strncasecmp(a.host, b.host, a.host_length) != 0)
        return false;
    if (is_scheme(from, &a, "http") && is_scheme(to, &b, "https"))
        return true;
    return is_scheme(to, &b, "https") == is_scheme(from, &a, "https") &&
           is_scheme(to, &b, "http") == is_scheme(from, &a, "http") &&
           port_of(from, &a) == port_of(to, &b);
}

bool ic_address_escape(char *out, size_t size, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789-._~";
    size_t at = strlen(out);

    for (; *text != '\0'; text++) {
        const bool keep = strchr(plain, *text) != NULL;

        if (at + (keep ? 1 : 3) >= size)
            return false;
        if (keep)
            out[at] = *text;
        else
            snprintf(out + at, 4, "%%%02X", (unsigned char)*text);
        at += keep ? 1 : 3;
        out[at] = '\0';
    }
    return true;
}
