/*
 * PyTorch's zip checkpoints. The input is a zip file, or else the pickle of a good one.
 */
#include "format/torch.h"
#include "fuzz.h"
#include "torch_files.h"

void fuzz_seeds(void)
{
    /* Opcodes that a state dict of today does without. */
    static const char other[] =
        "]q\0(J\1\0\0\0K\1M\1\1\x8b\2\0\0\0\1\1G01234567U\1aT\1\0\0\0aC\1a"
        "B\1\0\0\0a\x88N)h\0j\0\0\0\0r\1\0\0\0\x85\x87\x8c\5torch\x8c\x0c"
        "FloatStorage\x93"
        "e.";
    static const char wrap[] = "\x80\x04\x95\0\0\0\0\0\0\0\0}\x94\x8c\5model\x94";
    static const char *const types[] = {"FloatStorage", "HalfStorage", "ByteStorage"};
    const struct torch_shape transposed = {6, 0, {2, 3}, {1, 2}};
    struct bytes pickle = {0}, file = {0};

    for (int i = 0; i < 3; i++) {
        bytes_clear(&pickle);
        pickle_dict(&pickle, types[i], i == 1 ? &transposed : &torch_plain, i == 2);
        fuzz_seed(pickle.at, pickle.size);
        torch_make_zip(&file, pickle.at, pickle.size);
        fuzz_seed(file.at, file.size);
    }
    bytes_clear(&pickle);
    bytes_put(&pickle, wrap, sizeof wrap - 1);
    pickle_dict(&pickle, "DoubleStorage", &torch_plain, false);
    pickle.size--; /* the end */
    bytes_put(&pickle, "}bq\1s.", 6);
    fuzz_seed(pickle.at, pickle.size);
    fuzz_seed(other, sizeof other - 1);
    bytes_free(&pickle);
    bytes_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct bytes file = {0};

    if (ic_torch_recognises(bytes, size)) {
        fuzz_weights(bytes, size);
        return 0;
    }
    torch_make_zip(&file, bytes, size);
    fuzz_weights(file.at, file.size);
    bytes_free(&file);
    return 0;
}
