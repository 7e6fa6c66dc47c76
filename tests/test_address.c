/* SPDX-License-Identifier: MIT */
/*
 * Addresses of tracking servers: which requests go where, how an address is shown,
 * which addresses are refused, and the credentials that go with them.
 */
#include "check.h"
#include "track/credentials.h"

static void check_read(const char *text, const char *base, const char *shown)
{
    struct ic_address address;
    struct ic_error error;

    CHECK_OK(ic_address_read(&address, text, &error));
    CHECK_STRING(address.base, base);
    CHECK_STRING(address.shown, shown);
    ic_address_free(&address);
}

static void test_plain(void)
{
    check_read("http://127.0.0.1:5000", "http://127.0.0.1:5000",
               "http://127.0.0.1:5000");
    check_read("https://ml.example.org/", "https://ml.example.org",
               "https://ml.example.org");
    check_read("HTTPS://Host/a/b//", "HTTPS://Host/a/b", "HTTPS://Host/a/b");
    check_read("http://[::1]:80/x@y", "http://[::1]:80/x@y", "http://[::1]:80/x@y");
    check_read("http://[fe80::1]", "http://[fe80::1]", "http://[fe80::1]");
}

/* Measured requests of azureml-mlflow. */
static void test_azure(void)
{
    struct ic_address address;
    struct ic_error error;

    check_read("azureml://eu.api.azureml.ms/mlflow/v1.0/subscriptions/s/workspaces/w",
               "https://eu.api.azureml.ms/mlflow/v2.0/subscriptions/s/workspaces/w",
               "azureml://eu.api.azureml.ms/mlflow/v1.0/subscriptions/s/workspaces/w");
    check_read("azureml://h:444/mlflow/v2.0/s", "https://h:444/mlflow/v2.0/s",
               "azureml://h:444/mlflow/v2.0/s");
    CHECK_OK(ic_address_read(&address, "azureml://h/x", &error));
    CHECK(address.azure);
    ic_address_free(&address);
}

static void test_user(void)
{
    struct ic_address address;
    struct ic_error error;

    CHECK_OK(ic_address_read(&address, "https://a%40b:p%3Aw:%zz@h/p", &error));
    CHECK_STRING(address.base, "https://h/p");
    CHECK_STRING(address.shown, "https://h/p");
    CHECK_STRING(address.user, "a@b");
    CHECK_STRING(address.password, "p:w:%zz");
    ic_address_free(&address);
    CHECK_OK(ic_address_read(&address, "http://u@x:p@host:1", &error));
    CHECK_STRING(address.base, "http://host:1");
    CHECK_STRING(address.user, "u@x");
    CHECK_STRING(address.password, "p");
    ic_address_free(&address);
    CHECK_OK(ic_address_read(&address, "http://token@host", &error));
    CHECK_STRING(address.user, "token");
    CHECK_STRING(address.password, "");
    ic_address_free(&address);
}

/* No message shows a possible password. */
static void test_refused(void)
{
    static const char *const bad[] = {"",
                                      "host",
                                      "://host",
                                      "http://",
                                      "http://:80",
                                      "http:/host",
                                      "ftp://u:secret@h",
                                      "databricks",
                                      "file:///mlruns",
                                      "sqlite:///m.db",
                                      "http://u:secret@",
                                      "http://u:secret@h:port",
                                      "http://u:secret@h:123456",
                                      "http://u:sec/ret@h",
                                      "http://u:secret@h/?a=b",
                                      "http://u:secret@h#f",
                                      "http://u:secret@h h",
                                      "http://u:secret@h\nx",
                                      "http://u:secret@h\"",
                                      "http://u:secret@[::1",
                                      "http://[]",
                                      "http://u:secret@a]b",
                                      "http://u:secret@h:",
                                      "http://h\x80",
                                      NULL};
    char text[4096];
    struct ic_address address;
    struct ic_error error;

    for (int i = 0; bad[i] != NULL; i++) {
        CHECK_FAILS(ic_address_read(&address, bad[i], &error), IC_ERR_USAGE,
                    "is not the address of an MLflow server");
        CHECK(strstr(error.message, "sec") == NULL);
        CHECK(address.base == NULL && address.password == NULL);
        ic_address_free(&address);
    }
    memset(text, 'x', sizeof text);
    memcpy(text, "http://", 7);
    text[sizeof text - 1] = '\0';
    CHECK_FAILS(ic_address_read(&address, text, &error), IC_ERR_USAGE, "too long");
}

static void test_follow(void)
{
    CHECK(ic_address_may_follow("http://h/a", "http://h/b"));
    CHECK(ic_address_may_follow("http://h/a", "http://H:80/b"));
    CHECK(ic_address_may_follow("http://h/a", "https://h/b"));
    CHECK(ic_address_may_follow("http://h:5000/a", "https://h:443/b"));
    CHECK(ic_address_may_follow("https://h:443/a", "https://h/b"));
    CHECK(!ic_address_may_follow("https://h/a", "http://h/b"));
    CHECK(!ic_address_may_follow("https://h/a", "http://h:443/b"));
    CHECK(!ic_address_may_follow("https://h/a", "https://g/b"));
    CHECK(!ic_address_may_follow("https://h/a", "https://h:444/b"));
    CHECK(!ic_address_may_follow("https://h/a", "https://h.evil/b"));
    CHECK(!ic_address_may_follow("https://h/a", "https://h@evil/b"));
    CHECK(!ic_address_may_follow("https://h/a", "https://u@h/b"));
    CHECK(!ic_address_may_follow("https://h/a", "ftp://h/b"));
    CHECK(!ic_address_may_follow("https://h/a", "ftp://h:443/b"));
    CHECK(!ic_address_may_follow("http://h/a", "file://h/b"));
    CHECK(!ic_address_may_follow("http://h/a", "/b"));
}

static void test_escape(void)
{
    char out[18] = "q=";

    CHECK(ic_address_escape(out, sizeof out, "a b/\xc3\xbc~"));
    CHECK_STRING(out, "q=a%20b%2F%C3%BC~");
    CHECK(!ic_address_escape(out, sizeof out, "b"));
}

/* --- credentials ------------------------------------------------------------------ */

static const char *variables[][2] = {{"MLFLOW_TRACKING_USERNAME", NULL},
                                     {"MLFLOW_TRACKING_PASSWORD", NULL},
                                     {"MLFLOW_TRACKING_TOKEN", NULL},
                                     {"MLFLOW_TRACKING_INSECURE_TLS", NULL},
                                     {"MLFLOW_TRACKING_SERVER_CERT_PATH", NULL}};

static char *lookup(const char *name)
{
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        if (strcmp(name, variables[i][0]) == 0)
            return (char *)variables[i][1];
    return NULL;
}

static void set(const char *user, const char *password, const char *token,
                const char *insecure, const char *certificates)
{
    const char *const values[] = {user, password, token, insecure, certificates};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        variables[i][1] = values[i];
}

static void test_credentials(void)
{
    struct ic_address address = {0};
    struct ic_credentials found;
    struct ic_error error;

    set("me", "word", "token", NULL, NULL);
    CHECK_OK(ic_credentials_read(&found, &address, lookup, &error));
    CHECK_STRING(found.user, "me");
    CHECK_STRING(found.password, "word");
    CHECK(found.token == NULL && !found.insecure);
    set("me", "", "token", "TRUE", "");
    CHECK_OK(ic_credentials_read(&found, &address, lookup, &error));
    CHECK(found.user == NULL && found.password == NULL && found.insecure);
    CHECK_STRING(found.token, "token");
    set("me", "", "token", "1", "");
    CHECK_OK(ic_credentials_read(&found, &address, lookup, &error));
    CHECK(found.insecure);
    set("me", "", "token", "2", "");
    CHECK_OK(ic_credentials_read(&found, &address, lookup, &error));
    CHECK(!found.insecure);
    address.user = "in";
    address.password = "address";
    CHECK_OK(ic_credentials_read(&found, &address, lookup, &error));
    CHECK_STRING(found.user, "in");
    CHECK(found.token == NULL);
    address = (struct ic_address){0};
    set(NULL, NULL, "secret\r\nX-Other: 1", NULL, NULL);
    CHECK_FAILS(ic_credentials_read(&found, &address, lookup, &error), IC_ERR_USAGE,
                "MLFLOW_TRACKING_TOKEN holds a control character");
    CHECK(strstr(error.message, "secret") == NULL);
    set(NULL, NULL, NULL, "true", "/a");
    CHECK_FAILS(ic_credentials_read(&found, &address, lookup, &error), IC_ERR_USAGE,
                "exclude each other");
}

int main(void)
{
    test_plain();
    test_azure();
    test_user();
    test_refused();
    test_follow();
    test_escape();
    test_credentials();
    return check_failures > 0;
}
