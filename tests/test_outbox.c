/* SPDX-License-Identifier: MIT */
/*
 * The outbox: files left by a killed process, records that do not fit, and forged
 * content; the calls built from it, within MLflow's limits; and the state file beside
 * it.
 */
#include <fcntl.h>

#include "base/file.h"
#include "check.h"
#include "folder.h"
#include "track/batch.h"
#include "track/limits.h"
#include "track/sent.h"

static json_t *step_record(int step)
{
    return json_pack("{s:s, s:i, s:i, s:{s:f, s:s}}", "kind", "step", "step", step,
                     "time", 1000 + step, "metrics", "loss", 0.5, "lr", "NaN");
}

/* Appends steps first .. end - 1. */
static void add_steps(struct ic_outbox *outbox, int first, int end)
{
    struct ic_error error;

    for (int step = first; step < end; step++) {
        json_t *record = step_record(step);

        CHECK_OK(ic_outbox_append(outbox, record, &error));
        json_decref(record);
    }
}

/* Returns the number of records; *ret_step is the last one's step. */
static int count(const struct ic_outbox *outbox, int *ret_step)
{
    int64_t position = 0;
    struct ic_error error;
    json_t *record;
    int records = 0;

    *ret_step = -1;
    for (;;) {
        CHECK_OK(ic_outbox_read(outbox, &position, &record, &error));
        if (record == NULL)
            return records;
        records++;
        *ret_step = (int)json_integer_value(json_object_get(record, "step"));
        json_decref(record);
    }
}

static void check_count(const struct ic_outbox *outbox, int records, int last)
{
    int step;

    CHECK_INT(count(outbox, &step), records);
    CHECK_INT(step, last);
}

static void append_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "ab");

    if (file == NULL || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        exit(99);
}

static void test_append(const char *folder)
{
    struct ic_outbox outbox, other;
    struct ic_error error;

    CHECK_FAILS(ic_outbox_open(&outbox, folder, true, &error), IC_ERR_IO,
                "No such file");
    CHECK_OK(ic_outbox_open(&outbox, folder, false, &error));
    check_count(&outbox, 0, -1);
    add_steps(&outbox, 0, 10);
    check_count(&outbox, 10, 9);
    CHECK_FAILS(ic_outbox_open(&other, folder, false, &error), IC_ERR_USAGE,
                "another process is using");
    CHECK_OK(ic_outbox_sync(&outbox, &error));
    ic_outbox_close(&outbox);
    ic_outbox_close(&outbox);
    CHECK_OK(ic_outbox_open(&outbox, folder, true, &error));
    check_count(&outbox, 10, 9);
    ic_outbox_close(&outbox);
}

/* Truncated at every byte of the last record, and with the remains of a power failure.
 */
static void test_torn(const char *folder)
{
    char *path = folder_path(folder, "mlflow.outbox");
    static const char zeros[5000];
    uint8_t *bytes;
    size_t size;
    struct ic_outbox outbox;
    struct ic_error error;

    CHECK_OK(ic_file_read(path, 1 << 20, &bytes, &size, &error));
    for (size_t cut = 1; cut < size / 10; cut++) {
        CHECK_OK(ic_file_write(path, bytes, size - cut, &error));
        CHECK_OK(ic_outbox_open(&outbox, folder, true, &error));
        check_count(&outbox, 9, 8);
        add_steps(&outbox, 20, 22);
        check_count(&outbox, 11, 21);
        ic_outbox_close(&outbox);
    }
    CHECK_OK(ic_file_write(path, bytes, size, &error));
    append_bytes(path, zeros, sizeof zeros);
    CHECK_OK(ic_outbox_open(&outbox, folder, true, &error));
    CHECK_INT(outbox.size, size);
    check_count(&outbox, 10, 9);
    ic_outbox_close(&outbox);
    free(bytes);
    free(path);
}

/* Lines that are not records are skipped, wherever they are. */
static void test_hostile(const char *folder)
{
    static const char *const lines[] = {"\n",
                                        "x\n",
                                        "00000000 {}\n",
                                        "ffffffff {\"kind\":\"step\"}\n",
                                        "        {}\n",
                                        "00000000 \n",
                                        "2dfd1072 []\n",
                                        "zzzzzzzz {}\n"};
    char *path = folder_path(folder, "mlflow.outbox");
    char *longest = malloc(3 * IC_OUTBOX_RECORD_MOST);
    struct ic_outbox outbox;
    struct ic_error error;

    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        append_bytes(path, lines[i], strlen(lines[i]));
    memset(longest, '{', 3 * IC_OUTBOX_RECORD_MOST);
    longest[3 * IC_OUTBOX_RECORD_MOST - 1] = '\n';
    append_bytes(path, longest, 3 * IC_OUTBOX_RECORD_MOST);
    longest[IC_OUTBOX_RECORD_MOST] = '\n';
    append_bytes(path, longest, IC_OUTBOX_RECORD_MOST + 1);
    CHECK_OK(ic_outbox_open(&outbox, folder, true, &error));
    check_count(&outbox, 10, 9);
    add_steps(&outbox, 30, 31);
    check_count(&outbox, 11, 30);
    ic_outbox_close(&outbox);
    free(longest);
    free(path);
}

/* A full outbox takes no steps, but still the run's end. */
static void test_full(const char *folder)
{
    json_t *step = step_record(7), *end = json_pack("{s:s}", "kind", "end");
    struct ic_outbox outbox;
    struct ic_error error;
    int64_t before;

    CHECK_OK(ic_outbox_open(&outbox, folder, true, &error));
    outbox.most = outbox.size;
    before = outbox.size;
    CHECK_FAILS(ic_outbox_append(&outbox, step, &error), IC_ERR_LIMIT, "is full");
    CHECK_INT(outbox.size, before);
    CHECK_OK(ic_outbox_append(&outbox, end, &error));
    CHECK(outbox.size > before);
    ic_outbox_close(&outbox);

    /* A full disk. */
    if (access("/dev/full", W_OK) == 0) {
        CHECK_OK(ic_outbox_open(&outbox, folder, true, &error));
        close(outbox.file);
        outbox.file = open("/dev/full", O_RDWR | O_APPEND);
        CHECK_FAILS(ic_outbox_append(&outbox, step, &error), IC_ERR_IO,
                    "No space left");
        ic_outbox_close(&outbox);
    }
    json_decref(step);
    json_decref(end);
}

static void test_no_file(const char *folder)
{
    char *path = folder_path(folder, "mlflow.outbox");
    struct ic_outbox outbox;
    struct ic_error error;

    unlink(path);
    if (symlink("elsewhere", path) != 0)
        exit(99);
    CHECK(ic_outbox_open(&outbox, folder, false, &error) == IC_ERR_IO);
    unlink(path);
    if (mkfifo(path, 0600) != 0)
        exit(99);
    CHECK_FAILS(ic_outbox_open(&outbox, folder, true, &error), IC_ERR_FORMAT,
                "not a regular file");
    unlink(path);
    free(path);
}

/* --- calls ------------------------------------------------------------------------ */

static void test_batches(const char *folder)
{
    json_t *epoch = json_pack("{s:s, s:i, s:i, s:i, s:{s:f}}", "kind", "epoch", "epoch",
                              0, "step", 7, "time", 1, "metrics", "valid_loss", 1.0);
    json_t *end = json_pack("{s:s}", "kind", "end"), *metrics, *other;
    json_t *odd = json_pack("{s:s, s:s, s:i, s:[i]}", "kind", "step", "step", "x",
                            "time", 1, "metrics", 1);
    struct ic_outbox outbox;
    struct ic_error error;
    int64_t position = 0;
    size_t total = 0;

    CHECK_OK(ic_outbox_open(&outbox, folder, false, &error));
    add_steps(&outbox, 0, 700);
    CHECK_OK(ic_outbox_append(&outbox, odd, &error));
    CHECK_OK(ic_outbox_append(&outbox, epoch, &error));
    CHECK_OK(ic_outbox_append(&outbox, end, &error));
    for (int call = 0; call < 2; call++) {
        CHECK_OK(ic_batch_take(&outbox, &position, &metrics, &other, &error));
        CHECK(other == NULL && json_array_size(metrics) <= IC_LIMIT_ENTRIES);
        CHECK_INT(json_array_size(metrics), call == 0 ? 1000 : 401);
        total += json_array_size(metrics);
        json_decref(metrics);
    }
    CHECK_INT(total, 1401);
    CHECK_OK(ic_batch_take(&outbox, &position, &metrics, &other, &error));
    CHECK(metrics == NULL && other != NULL);
    CHECK_INT(position, outbox.size);
    json_decref(other);
    CHECK_OK(ic_batch_take(&outbox, &position, &metrics, &other, &error));
    CHECK(metrics == NULL && other == NULL);
    ic_outbox_close(&outbox);
    json_decref(epoch);
    json_decref(end);
    json_decref(odd);
}

static void test_texts(void)
{
    json_t *object = json_object(), *entries, *part, *text;
    size_t done = 0, calls = 0;
    char key[300], *value = malloc(7001), *body;

    memset(value, 'v', 7000);
    value[7000] = '\0';
    for (int i = 0; i < 250; i++) {
        snprintf(key, sizeof key, "key-%d", i);
        json_object_set_new(object, key, json_string(i < 100 ? value : "short"));
    }
    json_object_set_new(object, "number", json_integer(1));
    entries = ic_batch_texts(object, IC_LIMIT_PARAM);
    CHECK_INT(json_array_size(entries), 250);
    while (done < json_array_size(entries)) {
        part = ic_batch_part(entries, done);
        body = json_dumps(part, JSON_COMPACT);
        CHECK(json_array_size(part) > 0 && json_array_size(part) <= IC_LIMIT_TEXTS);
        CHECK(strlen(body) < 1000000);
        done += json_array_size(part);
        calls++;
        json_decref(part);
        free(body);
    }
    CHECK(calls >= 3);
    text = json_object_get(json_array_get(entries, 0), "value");
    CHECK_INT(json_string_length(text), IC_LIMIT_PARAM);
    CHECK(strcmp(json_string_value(text) + IC_LIMIT_PARAM - 4, "v...") == 0);
    json_decref(entries);
    entries = ic_batch_texts(NULL, 10);
    CHECK_INT(json_array_size(entries), 0);
    json_decref(entries);
    json_decref(object);
    free(value);
}

static void check_key(const char *key, const char *expected)
{
    char out[IC_LIMIT_KEY + 1];

    ic_limits_key(out, key);
    CHECK_STRING(out, expected);
}

static void test_limits(void)
{
    char key[400], out[IC_LIMIT_KEY + 1];
    json_t *text;

    check_key("loss", "loss");
    check_key("system/cpu 1:a_b-c.d", "system/cpu 1:a_b-c.d");
    check_key("a#b\xc3\xbc\n", "a_b___");
    check_key("", "_");
    check_key("/a//b/", "_a/_b_");
    check_key("..", "_.");
    check_key("a/../b", "a/_./b");
    memset(key, 'k', sizeof key);
    key[sizeof key - 1] = '\0';
    ic_limits_key(out, key);
    CHECK_INT(strlen(out), IC_LIMIT_KEY);
    text = ic_limits_text("a\xc3\xbc\xc3\xbc\xc3\xbc", 6);
    CHECK_STRING(json_string_value(text), "a\xc3\xbc...");
    json_decref(text);
    text = ic_limits_text("a\xff", 6);
    CHECK_STRING(json_string_value(text), "a?");
    json_decref(text);
}

/* --- the state -------------------------------------------------------------------- */

static void check_refused(const char *folder, const char *content)
{
    char *path = folder_path(folder, "mlflow.json");
    struct ic_sent sent;
    struct ic_error error;

    CHECK_OK(ic_file_write(path, content, strlen(content), &error));
    CHECK_FAILS(ic_sent_open(&sent, folder, &error), IC_ERR_FORMAT, "is damaged");
    free(path);
}

static void test_sent(const char *folder)
{
    struct ic_sent sent, again;
    struct ic_error error;
    char mark[33];

    CHECK_OK(ic_sent_open(&sent, folder, &error));
    CHECK_INT(strspn(sent.mark, "0123456789abcdef"), 32);
    CHECK_OK(ic_sent_address(&sent, "http://a", &error));
    CHECK_OK(ic_sent_set(&sent.run_id, "run", &error));
    sent.position = 77;
    sent.tried = true;
    strcpy(mark, sent.mark);
    CHECK_OK(ic_sent_save(&sent, &error));
    CHECK_OK(ic_sent_open(&again, folder, &error));
    CHECK_OK(ic_sent_address(&again, "http://a", &error));
    CHECK_STRING(again.run_id, "run");
    CHECK_STRING(again.mark, mark);
    CHECK(again.tried && again.experiment_id == NULL);
    CHECK_INT(again.position, 77);
    CHECK_OK(ic_sent_address(&again, "http://b", &error));
    CHECK(again.run_id == NULL && !again.tried && strcmp(again.mark, mark) != 0);
    CHECK_INT(again.position, 0);
    ic_sent_close(&again);
    ic_sent_close(&sent);
    check_refused(folder, "");
    check_refused(folder, "[]");
    check_refused(folder, "{}");
    check_refused(folder, "{\"mark\": \"x\", \"position\": 1}");
    check_refused(folder,
                  "{\"mark\": \"0123456789abcdef0123456789abcdef\", \"position\": -1}");
    check_refused(folder,
                  "{\"mark\": \"0123456789abcdef0123456789abcdef\", \"position\": 1, "
                  "\"run_id\": 5}");
    check_refused(folder, "{\"mark\": \"0123456789abcdef0123456789abcdef\", "
                          "\"position\": 1, \"run_id\": \"../x\"}");
    check_refused(folder, "{\"mark\": \"0123456789abcdef0123456789abcdef\", "
                          "\"position\": 1, \"model_id\": \"' OR '1'='1\"}");
}

int main(void)
{
    char *folder = folder_make();

    test_append(folder);
    test_torn(folder);
    test_hostile(folder);
    test_full(folder);
    test_no_file(folder);
    test_batches(folder);
    test_texts();
    test_limits();
    test_sent(folder);
    folder_remove(folder);
    return check_failures > 0;
}
