/* SPDX-License-Identifier: MIT */
/*
 * Checkpoints as training scripts save them: options, counters, schedulers, sets and
 * tensors of unusual types beside the weights. Everything but weights is skipped, and
 * nothing is ever called. (The pickles are assembled by hand, as Python writes them.)
 */
#include "check.h"
#include "folder.h"
#include "format/tensor_file.h"
#include "torch_files.h"

#define TEXT(bytes) (bytes), sizeof(bytes) - 1

static char *path;
static struct ic_error error;
static struct bytes pickle, file;

/* Python values that have nothing to do with weights. */
static const struct {
    const char *what, *bytes;
    size_t size;
} values[] = {
    {"argparse.Namespace(lr=0.1)",
     TEXT("cargparse\nNamespace\n)\x81}(X\2\0\0\0lrG?\xb9\x99\x99\x99\x99\x99\x9aub")},
    {"collections.Counter({30: 1})", TEXT("ccollections\nCounter\n}K\x1eK\1s\x85R")},
    {"torch.device('cpu')", TEXT("ctorch\ndevice\nX\3\0\0\0cpu\x85R")},
    {"torch.Size([2])", TEXT("ctorch\nSize\nK\2\x85\x85R")},
    {"fastcore's L, with items", TEXT("cfastcore.foundation\nL\n)\x81}b(K\1K\2e")},
    {"a numpy scalar", TEXT("cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n"
                            "X\2\0\0\0f8\x89\x88\x87R(K\3NNNJ\xff\xff\xff\xff"
                            "J\xff\xff\xff\xffK\0tbC\x08\0\0\0\0\0\0\xf0?\x86R")},
    {"a set", TEXT("\x8f(K\1K\2\x90")},
    {"a defaultdict of lists",
     TEXT("ccollections\ndefaultdict\nc__builtin__\nlist\n\x85RK\1]K\2as")},
    {"an object by named arguments", TEXT("cmine\nConfig\n)}X\1\0\0\0aK\1s\x92")},
    {"the function os.system, called", TEXT("cos\nsystem\nX\4\0\0\0true\x85R")},
    {"an object in a protocol 4", TEXT("\x8c\4mine\x8c\6Config\x93)\x81}b")},
};

/* The checkpoint is read, and holds only "w", the six values. */
static void check_read(const char *what)
{
    struct ic_tensor_file *opened;
    const struct ic_tensor_list *list;

    torch_make_zip(&file, pickle.at, pickle.size);
    bytes_write(path, file.at, file.size);
    if (ic_tensor_file_open(path, &opened, &error) != IC_OK) {
        CHECK_FAIL("%s: %s", what, error.message);
        return;
    }
    list = ic_tensor_file_tensors(opened);
    CHECK_INT(list->count, 1);
    if (list->count == 1) {
        CHECK_STRING(list->items[0].name, "w");
        CHECK_INT(list->items[0].count, 6);
        CHECK(memcmp(list->items[0].data, torch_values, sizeof torch_values) == 0);
    }
    ic_tensor_file_close(opened);
}

static void put_weights(void)
{
    bytes_text(&pickle, "}");
    pickle_string(&pickle, "w");
    pickle_tensor(&pickle, "FloatStorage", "0", &torch_plain);
    bytes_text(&pickle, "s");
}

/* {"args": value, NAME: {"w": tensor}}, in one order and in the other. */
static void test_beside(void)
{
    static const char *const names[] = {"model", "state_dict", "model_state_dict",
                                        "net"};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        for (int first = 0; first < 2; first++) {
            bytes_clear(&pickle);
            bytes_put(&pickle, "\x80\x04}(", 4);
            for (int k = 0; k < 2; k++) {
                if (k == first) {
                    pickle_string(&pickle, "args");
                    bytes_put(&pickle, values[i].bytes, values[i].size);
                } else {
                    pickle_string(&pickle, names[i % 4]);
                    put_weights();
                }
            }
            bytes_text(&pickle, "u.");
            check_read(values[i].what);
        }
}

/* Values among the weights, and tensors of types that weights never have. */
static void test_among(void)
{
    static const char *const types[] = {"BoolStorage", "ShortStorage", "CharStorage",
                                        "ComplexFloatStorage"};

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        bytes_clear(&pickle);
        bytes_put(&pickle, "\x80\x02}(", 4);
        pickle_string(&pickle, "epoch");
        bytes_put(&pickle, values[i].bytes, values[i].size);
        pickle_string(&pickle, "w");
        pickle_tensor(&pickle, "FloatStorage", "0", &torch_plain);
        pickle_string(&pickle, "mask");
        pickle_tensor(&pickle, types[i % 4], "1", &torch_plain);
        bytes_text(&pickle, "u.");
        check_read(values[i].what);
    }
}

/* An object in place of a state dict is named and refused. */
static void test_in_place(void)
{
    static const char *const wraps[] = {NULL, "model", "state_dict"};
    struct ic_tensor_file *opened = NULL;

    for (size_t i = 0; i < sizeof wraps / sizeof *wraps; i++) {
        bytes_clear(&pickle);
        bytes_put(&pickle, "\x80\x02", 2);
        if (wraps[i] != NULL) {
            bytes_text(&pickle, "}");
            pickle_string(&pickle, wraps[i]);
        }
        bytes_text(&pickle, "cfastai.learner\nLearner\n)\x81}b");
        bytes_text(&pickle, wraps[i] != NULL ? "s." : ".");
        torch_make_zip(&file, pickle.at, pickle.size);
        bytes_write(path, file.at, file.size);
        CHECK_FAILS(ic_tensor_file_open(path, &opened, &error), IC_ERR_FORMAT,
                    "holds a Python object of the class fastai.learner.Learner, not a "
                    "state dict: save model.state_dict()");
    }
}

/* Objects that users save in place of weights. */
static void test_other_files(void)
{
    static const struct {
        const char *bytes, *text;
    } others[] = {
        {"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
         "a pointer of Git LFS"},
        {"<!DOCTYPE html><html>404</html>", "is a web page, not weights"},
        {"<!doctype html><html>", "is a web page"},
        {"<html><body>", "is a web page"},
        {"<?xml version='1.0'?><Error/>", "an XML document"},
        {"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes it"},
        {"\x1f\x8b\x08", "compressed by gzip"},
    };
    struct ic_tensor_file *opened = NULL;

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        bytes_write(path, others[i].bytes, strlen(others[i].bytes));
        CHECK_FAILS(ic_tensor_file_open(path, &opened, &error), IC_ERR_FORMAT,
                    others[i].text);
    }
}

int main(void)
{
    char *folder = folder_make();

    path = folder_path(folder, "checkpoint.pth");
    test_beside();
    test_among();
    test_in_place();
    test_other_files();
    bytes_free(&pickle);
    bytes_free(&file);
    free(path);
    folder_remove(folder);
    return check_result();
}
