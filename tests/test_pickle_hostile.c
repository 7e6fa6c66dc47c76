/* SPDX-License-Identifier: MIT */
/*
 * Pickles that would run a command, that even Python could not read, or that would grow
 * without bound. Each is refused with one line, and quickly.
 */
#include "base/machine.h"
#include "folder.h"
#include "hostile.h"
#include "torch_files.h"

#define TEXT(bytes) (bytes), sizeof(bytes) - 1

static char *path;
static struct bytes pickle, file;

/* Makes a checkpoint with that pickle. */
static void refused(ic_status status, const char *text)
{
    torch_make_zip(&file, pickle.at, pickle.size);
    hostile_refused(path, &file, status, text);
    legacy_begin(&file);
    bytes_put(&file, pickle.at, pickle.size);
    legacy_end(&file, 6);
    hostile_refused(path, &file, status, text);
}

/* --- calls ------------------------------------------------------------------------ */

static const struct {
    const char *bytes;
    size_t size;
    const char *text;
} commands[] = {
    /* A global is only a name, and a call creates an opaque object of that class. */
    {TEXT("cposix\nsystem\n(X\4\0\0\0truetR."), "posix.system"},
    {TEXT("cos\nsystem\n."), "os.system"},
    {TEXT("cnt\nsystem\n."), "nt.system"},
    {TEXT("csubprocess\nPopen\n."), "subprocess.Popen"},
    {TEXT("cbuiltins\neval\n."), "builtins.eval"},
    {TEXT("cbuiltins\ngetattr\n."), "builtins.getattr"},
    {TEXT("c__builtin__\nexec\n."), "__builtin__.exec"},
    {TEXT("cruntime\nrun\n."), "runtime.run"},
    {TEXT("ctorch\nload\n."), "torch.load"},
    {TEXT("ctorch.hub\nload\n."), "torch.hub.load"},
    {TEXT("ctorch.jit\nload\n."), "torch.jit.load"},
    {TEXT("cnumpy\nload\n."), "numpy.load"},
    {TEXT("ctorch.FloatStorage\n\n."), "torch.FloatStorage."},
    {TEXT("ctorch\nFloatStorage.__class__\n."), "torch.FloatStorage.__class__"},
    {TEXT("ccollections\nOrderedDict.__reduce__\n."), "OrderedDict.__reduce__"},
    {TEXT("ccollections \nOrderedDict\n."), "collections .OrderedDict"},
    {TEXT("c\n\n."), "class ., not"},
    {TEXT("\x8c\5posix\x8c\6system\x93."), "posix.system"},
    {TEXT("X\5\0\0\0posixX\6\0\0\0system\x93)R."), "posix.system"},
    {TEXT("c\x1b[2Jx\ny\n."), "?[2Jx.y"}, /* would clear a terminal */
    {TEXT("c\xff\nx\n."), ".x, not"},
    {TEXT("cos\nsystem"), "a line without an end"},

    /* Other opcodes that could call: only names on the list of calls may be called. */
    {TEXT("ios\nsystem\n."), "an opcode"},                     /* INST */
    {TEXT("(cposix\nsystem\no."), "an opcode"},                /* OBJ */
    {TEXT("(ccollections\nOrderedDict\no."), "an opcode"},     /* OBJ */
    {TEXT("ccollections\nOrderedDict\n)\x81."), "no tensors"}, /* NEWOBJ */
    {TEXT("ccollections\nOrderedDict\n)}\x92."), "no tensors"},
    {TEXT("ctorch\nFloatStorage\n)\x81."), "an object of something that is no class"},
    {TEXT("})\x81."), "an object of something"},
    {TEXT("\x82\1."), "an opcode"},       /* EXT1 */
    {TEXT("\x83\1\1."), "an opcode"},     /* EXT2 */
    {TEXT("\x84\1\1\1\1."), "an opcode"}, /* EXT4 */
    {TEXT("Pstorage\n."), "an opcode"},   /* PERSID */
    {TEXT("ctorch\nFloatStorage\n)R."), "a call of something that is no function"},
    {TEXT("})R."), "a call of something"},
    {TEXT("X\6\0\0\0system)R."), "a call of something"},
    {TEXT("ccollections\nOrderedDict\n]R."), "a call of something"},
    {TEXT("ccollections\nOrderedDict\nN\x85R."), "an OrderedDict of something else"},
    {TEXT("ccollections\nOrderedDict\n]Na\x85R."), "an OrderedDict of something else"},
    {TEXT("ccollections\nOrderedDict\nNN\x86R."), "an OrderedDict of something else"},
    {TEXT("ccollections\nOrderedDict\n}b."), "attributes of something"},
    {TEXT("ctorch._utils\n_rebuild_tensor_v2\n)R."), "a tensor of other arguments"},
    {TEXT("ctorch._utils\n_rebuild_tensor_v2\n(NNNNNtR."),
     "a tensor of other arguments"},
    {TEXT("ctorch._utils\n_rebuild_tensor_v2\n(NNNNNNNNtR."),
     "a tensor of other arguments"},
    {TEXT("ctorch._utils\n_rebuild_parameter\nNNN\x87R."), "a parameter that is no"},
    {TEXT("N\x85Q."), "a persistent id that is no storage"},
    {TEXT("(X\6\0\0\0moduleNNNNtQ."), "a persistent id that is no storage"},
    {TEXT("(X\7\0\0\0storageNNNtQ."), "a persistent id that is no storage"},
};

static void test_commands(void)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        bytes_clear(&pickle);
        bytes_put(&pickle, "\x80\x02", 2);
        bytes_put(&pickle, commands[i].bytes, commands[i].size);
        torch_make_zip(&file, pickle.at, pickle.size);
        hostile_refused(path, &file, IC_ERR_FORMAT, commands[i].text);
        legacy_begin(&file);
        bytes_put(&file, pickle.at, pickle.size);
        legacy_end(&file, 6);
        hostile_refused(path, &file, IC_ERR_FORMAT, "");
    }
}

/* Opcodes that are not on the list, one by one. */
static void test_opcodes(void)
{
    static const char known[] = "(NJKMGXTUCB)t]}aesubRQcqrhj0.\x80\x85\x86\x87\x88\x89"
                                "\x8a\x8b\x8c\x93\x94\x95\x81\x8f\x90\x92";

    for (int opcode = 0; opcode < 256; opcode++) {
        if (memchr(known, opcode, sizeof known - 1) != NULL)
            continue;
        bytes_clear(&pickle);
        bytes_put(&pickle, "]]", 2); /* so that nothing else is missing */
        bytes_fill(&pickle, (unsigned char)opcode, 1);
        bytes_text(&pickle, "0000.");
        refused(IC_ERR_FORMAT, "an opcode that no state dict needs");
    }
}

/* --- the machine ------------------------------------------------------------------ */

static void test_machine(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *text;
    } bad[] = {
        {TEXT("."), "a value is missing"},
        {TEXT("0."), "a value is missing"},
        {TEXT("R."), "a value is missing"},
        {TEXT("NR."), "a value is missing"},
        {TEXT("NNR."), "a call of something"},
        {TEXT("(."), "a value is missing"},
        {TEXT("((t."), "values are left over"},
        {TEXT("(b."), "a value is missing"},
        {TEXT("(\x85."), "a mark among items"},
        {TEXT("N(\x86."), "a mark among items"},
        {TEXT("](Na."), "items without an owner"},
        {TEXT("}N(s."), "a mark among items"},
        {TEXT("}((u."), "items without an owner"},
        {TEXT("(q\0."), "a value is missing"},
        {TEXT("t."), "a mark is missing"},
        {TEXT("e."), "a mark is missing"},
        {TEXT("u."), "a mark is missing"},
        {TEXT("(e."), "a value is missing"},
        {TEXT("(u."), "a value is missing"},
        {TEXT("]s."), "items without an owner"},
        {TEXT("}a."), "a value is missing"},
        {TEXT("}Na."), "items without an owner"},
        {TEXT("]NNs."), "items without an owner"},
        {TEXT("}(Nu."), "items without an owner"},
        {TEXT("NNNs."), "items without an owner"},
        {TEXT("Q."), "a value is missing"},
        {TEXT(")Q."), "a persistent id"},
        {TEXT("NQ."), "a persistent id"},
        {TEXT("Nb."), "a value is missing"},
        {TEXT("NNb."), "attributes of something"},
        {TEXT("b."), "a value is missing"},
        {TEXT("hA."), "an unknown memo"},
        {TEXT("j\xff\xff\xff\xff."), "an unknown memo"},
        {TEXT("q\0."), "a value is missing"},
        {TEXT("NN."), "values are left over"},
        {TEXT("\x85."), "a value is missing"},
        {TEXT("N\x86."), "a value is missing"},
        {TEXT("NN\x87."), "a value is missing"},
        {TEXT("\x80\x06."), "an unknown protocol"},
        {TEXT("\x93."), "a value is missing"},
        {TEXT("NN\x93."), "a global without a name"},
        {TEXT("X\3\0\0\0a\0b."), "a text with a zero in it"},
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bytes_clear(&pickle);
        bytes_put(&pickle, bad[i].bytes, bad[i].size);
        refused(IC_ERR_FORMAT, bad[i].text);
    }
}

/* Announced lengths that exceed the file. */
static void test_lengths(void)
{
    static const char opcodes[] = "XTB\x8b";

    for (int i = 0; i < 4; i++)
        for (uint64_t length = 1000000; length <= UINT32_MAX; length = 2 * length + 1) {
            bytes_clear(&pickle);
            bytes_put(&pickle, &opcodes[i], 1);
            bytes_number(&pickle, length, 4);
            bytes_text(&pickle, "abc.");
            refused(IC_ERR_FORMAT, i < 2 ? "a text that is too long" : "cut off");
        }
    for (size_t size = 0; size < 6; size++) {
        bytes_clear(&pickle);
        bytes_put(&pickle, "X\1\0\0\0a", size);
        torch_make_zip(&file, pickle.at, pickle.size);
        hostile_refused(path, &file, IC_ERR_FORMAT, size == 5 ? "too long" : "cut off");
    }
}

/* --- growth ----------------------------------------------------------------------- */

/* Values that contain themselves and one another. */
static void test_circles(void)
{
    bytes_clear(&pickle);
    bytes_put(&pickle, TEXT("]q\1h\1a."));
    torch_make_zip(&file, pickle.at, pickle.size);
    hostile_refused(path, &file, IC_ERR_FORMAT, "no state dict");
    bytes_clear(&pickle);
    bytes_put(&pickle, TEXT("}q\1X\5\0\0\0modelh\1s."));
    torch_make_zip(&file, pickle.at, pickle.size);
    hostile_refused(path, &file, IC_ERR_FORMAT, "no tensors");
    bytes_clear(&pickle);
    bytes_put(&pickle, TEXT("}q\1X\x0a\0\0\0state_dict}q\2X\5\0\0\0modelh\1ss."));
    torch_make_zip(&file, pickle.at, pickle.size);
    hostile_refused(path, &file, IC_ERR_FORMAT, "no tensors");
}

/* Nested tuples: the reader does not recurse, so no stack overflows. */
static void test_depth(void)
{
    bytes_clear(&pickle);
    bytes_text(&pickle, ")");
    bytes_fill(&pickle, 0x85, 1000000);
    bytes_text(&pickle, ".");
    torch_make_zip(&file, pickle.at, pickle.size);
    hostile_refused(path, &file, IC_ERR_FORMAT, "no state dict");
    bytes_clear(&pickle);
    bytes_fill(&pickle, '(', 1000000);
    bytes_text(&pickle, ".");
    torch_make_zip(&file, pickle.at, pickle.size);
    hostile_refused(path, &file, IC_ERR_FORMAT, "a value is missing");
}

/* Tuples of the same tuple twice, forty deep: a tree of 2^40 leaves in 4 bytes per
 * level. */
static void test_doubling(void)
{
    bytes_clear(&pickle);
    bytes_text(&pickle, ")");
    for (int i = 0; i < 40; i++)
        bytes_put(&pickle, "q\0h\0\x86", 5);
    bytes_text(&pickle, ".");
    torch_make_zip(&file, pickle.at, pickle.size);
    hostile_refused(path, &file, IC_ERR_FORMAT, "no state dict");
}

/* Six bytes that request a memo of millions of entries. */
static void test_memo(void)
{
    bytes_clear(&pickle);
    bytes_put(&pickle, TEXT("Nr\xff\xff\x3f\0."));
    refused(IC_ERR_FORMAT, "a memo beyond its size");
    bytes_clear(&pickle);
    bytes_put(&pickle, TEXT("Nr\xff\xff\xff\xff."));
    refused(IC_ERR_FORMAT, "a memo beyond its size");
    bytes_clear(&pickle);
    for (int i = 0; i < 500000; i++) /* frames, which are skipped */
        bytes_put(&pickle, "\x95\0\0\0\0\0\0\0\0", 9);
    bytes_put(&pickle, TEXT("Nr\x01\0\x40\0.")); /* place 4194305 */
    torch_make_zip(&file, pickle.at, pickle.size);
    hostile_refused(path, &file, IC_ERR_LIMIT, "more than 4194304 values");
    bytes_clear(&pickle);
    for (int i = 0; i < 1000000; i++)
        bytes_put(&pickle, "N\x94\x30", 3); /* memoised, and popped again */
    bytes_text(&pickle, "}.");
    torch_make_zip(&file, pickle.at, pickle.size);
    hostile_refused(path, &file, IC_ERR_FORMAT, "no tensors");
}

/* One value per byte, and a list of a million that every third byte copies. */
static void test_bombs(void)
{
    bytes_clear(&pickle);
    bytes_fill(&pickle, 'N', ((size_t)4 << 20) + 1);
    bytes_text(&pickle, ".");
    torch_make_zip(&file, pickle.at, pickle.size);
    hostile_refused(path, &file, IC_ERR_LIMIT, "more than 4194304 values");

    bytes_clear(&pickle);
    bytes_text(&pickle, "ccollections\nOrderedDict\n");
    bytes_put(&pickle, TEXT("q\0"
                            "0](NN\x86q\1"));
    for (int i = 0; i < 1000000; i++)
        bytes_put(&pickle, "h\1", 2);
    bytes_put(&pickle, TEXT("e\x85q\2"));
    for (int i = 0; i < 1000; i++)
        bytes_put(&pickle, TEXT("0h\0h\2R"));
    bytes_text(&pickle, ".");
    torch_make_zip(&file, pickle.at, pickle.size);
    hostile_refused(path, &file, IC_ERR_LIMIT, "more than 4194304 values");
}

int main(void)
{
    char *folder = folder_make();
    const double start = ic_machine_seconds();

    path = folder_path(folder, "checkpoint.pth");
    test_commands();
    test_opcodes();
    test_machine();
    test_lengths();
    test_circles();
    test_depth();
    test_doubling();
    test_memo();
    test_bombs();
    printf("%.1f s, %llu MiB\n", ic_machine_seconds() - start,
           (unsigned long long)(ic_machine_peak_rss() >> 20));
    /* 305 MiB were seen; without its limits the last pickle takes 8 GiB. */
    CHECK(ic_machine_peak_rss() < (uint64_t)3 << 29);
    bytes_free(&pickle);
    bytes_free(&file);
    free(path);
    folder_remove(folder);
    return check_result();
}
