/* SPDX-License-Identifier: MIT */
/*
 * Jobs: defaults, refusals, their text, and the comparison of two texts.
 */
#include <limits.h>

#include "base/word.h"
#include "check.h"
#include "image/fit.h"
#include "train/job.h"

static struct ic_job good_job(void)
{
    struct ic_job job;

    ic_job_defaults(&job);
    job.data = "pets";
    job.out = "runs/a";
    job.labels = "species";
    job.recipe = "one-cycle";
    job.head = "plain";
    return job;
}

static void defaults(void)
{
    struct ic_job job;
    struct ic_error error;

    ic_job_defaults(&job);
    CHECK(job.data == NULL && job.out == NULL);
    CHECK_STRING(job.arch, "resnet34");
    CHECK_INT(job.batch, 64);
    CHECK_FAILS(ic_job_check(&job, &error), IC_ERR_USAGE, "--data is missing");
    job.data = "pets";
    CHECK_FAILS(ic_job_check(&job, &error), IC_ERR_USAGE, "--out is missing");
    job.out = "runs/a";
    CHECK_OK(ic_job_check(&job, &error));
    CHECK_STRING(job.labels, "species"); /* no folder pets exists */
    CHECK_STRING(job.recipe, "one-cycle");
    CHECK_STRING(job.head, "plain");
    job.recipe = job.head = NULL;
    job.pretrained = "weights.safetensors";
    CHECK_OK(ic_job_check(&job, &error));
    CHECK_STRING(job.recipe, "fine-tune");
    CHECK_STRING(job.head, "fastai");
    CHECK(job.compute.threads >= 1);
    CHECK_INT(job.workers, job.compute.threads);
}

/* Sets one member to a wrong value and looks for the message. */
#define REFUSED(member, value, text)                                   \
    do {                                                               \
        struct ic_job job = good_job();                                \
        struct ic_error error;                                         \
        job.member = (value);                                          \
        CHECK_FAILS(ic_job_check(&job, &error), IC_ERR_USAGE, (text)); \
    } while (0)

static void refusals(void)
{
    REFUSED(data, "", "--data is missing");
    REFUSED(data, "a\nb", "--data contains a line break");
    REFUSED(arch, "vgg16",
            "--arch is vgg16, must be resnet18, resnet34, resnet50, resnet101 or "
            "resnet152");
    REFUSED(head, "linear", "--head is linear, must be fastai or plain");
    REFUSED(recipe, "none", "--recipe");
    REFUSED(epochs, 0, "--epochs is 0, but must be between 1 and 100000");
    REFUSED(epochs, INT_MIN, "--epochs is -2147483648");
    REFUSED(patience, -1, "--patience is -1, but must be between 0 and 100000");
    REFUSED(lr, 0, "--lr is 0");
    REFUSED(lr, -1, "--lr is -1");
    REFUSED(lr, NAN, "--lr is nan");
    REFUSED(lr, INFINITY, "--lr is inf");
    REFUSED(lr, 1000.1, "--lr is 1000.1, but must be between 1e-09 and 1000");
    REFUSED(batch, 0, "--batch");
    REFUSED(size, 31, "--size is 31, but must be between 32 and 4096");
    REFUSED(size, 4097, "--size");
    REFUSED(resize, "zoom", "--resize is zoom, must be crop, pad or squish");
    REFUSED(augment, "mixup", "--augment is mixup, must be none, flip or fastai");
    REFUSED(decode, "quick", "--decode is quick, must be exact or fast");
    REFUSED(presize, -1, "--presize is -1, but must be between 0 and 16384");
    REFUSED(presize, 16385, "--presize");
    REFUSED(presize, 223, "--presize is 223, but must be 0 or at least --size");
    REFUSED(valid_pct, 0, "--valid-pct is 0, but must be between 0.001 and 0.999");
    REFUSED(valid_pct, 1, "--valid-pct");
    REFUSED(split, "", "--split is missing");
    REFUSED(bad_images, "repair", "--bad-images is repair, must be fail or skip");
    REFUSED(optimizer, "lamb", "--optimizer is lamb, must be adam or sgd");
    REFUSED(weight_decay, -0.1, "--weight-decay");
    REFUSED(label_smoothing, 1, "--label-smoothing");
    REFUSED(ema, -0.1, "--ema is -0.1, but must be between 0 and 0.999999");
    REFUSED(ema, 1, "--ema is 1");
    REFUSED(micro_batch, -1, "--micro-batch is -1, but must be between 0 and 65536");
    REFUSED(clip_norm, -1, "--clip-norm is -1, but must be between 0 and 1000000000");
    REFUSED(clip_norm, NAN, "--clip-norm is nan");
    REFUSED(mixup, -0.4, "--mixup is -0.4, but must be between 0 and 100");
    REFUSED(cutmix, 101, "--cutmix is 101, but must be between 0 and 100");
    REFUSED(class_weights, "equal",
            "--class-weights is equal, must be none or balanced");
    REFUSED(compute.conv, "fft", "--conv is fft, must be auto");
    REFUSED(compute.precision, "fp16",
            "--precision is fp16, must be fp32, tf32 or bf16");
    REFUSED(compute.threads, -1, "--threads");
    REFUSED(workers, INT_MAX, "--workers");
    REFUSED(compute.device, "tpu", "--device is tpu, must be cpu, cuda or reference");
    REFUSED(seed, 4294967296,
            "--seed is 4294967296, but must be between 0 and 4294967295");
    REFUSED(max_steps, -1, "--max-steps");
    REFUSED(max_steps, 1000000001, "--max-steps");
    REFUSED(checkpoint_every, INT64_MIN, "--checkpoint-every");
}

/* Two options that would do the same thing are not taken together. */
static void pairs(void)
{
    struct ic_job job = good_job();
    struct ic_error error;

    job.mixup = job.cutmix = 1;
    CHECK_FAILS(ic_job_check(&job, &error), IC_ERR_USAGE,
                "--mixup and --cutmix both mix pictures: choose one of them");
    job.mixup = 0;
    job.class_weights = "balanced";
    CHECK_OK(ic_job_check(&job, &error));
    job.sampling = "balanced";
    CHECK_FAILS(ic_job_check(&job, &error), IC_ERR_USAGE,
                "both make up for small classes: choose one of them");
}

/* Micro-batches are at most the batch. */
static void passes(void)
{
    static const int cases[][2] = {{0, 64}, {1, 1}, {63, 63}, {64, 64}, {65, 64}};
    struct ic_job job = good_job();

    for (int i = 0; i < 5; i++) {
        job.micro_batch = cases[i][0];
        CHECK_INT(ic_job_micro_batch(&job), cases[i][1]);
    }
}

/* Presizing follows --augment, unless it is given explicitly. */
static void presize(void)
{
    struct ic_job job = good_job();
    struct ic_error error;

    CHECK_OK(ic_job_check(&job, &error));
    CHECK_INT(job.presize, 0);
    job.augment = "fastai";
    CHECK_OK(ic_job_check(&job, &error));
    CHECK_INT(job.presize, 460);
    job.presize = 224;
    CHECK_OK(ic_job_check(&job, &error));
    CHECK_INT(job.presize, 224);
    job.parts.max_rotate = 0;
    CHECK_OK(ic_job_check(&job, &error));
    job.augment = "flip";
    CHECK_FAILS(ic_job_check(&job, &error), IC_ERR_USAGE,
                "--max-rotate applies only with --augment fastai");
    job.parts = ic_augment_fastai;
    job.parts.flip = 1;
    CHECK_OK(ic_job_check(&job, &error));
    job.augment = "none";
    CHECK_FAILS(ic_job_check(&job, &error), IC_ERR_USAGE,
                "--p-flip applies only with --augment flip or fastai");
    job.parts = ic_augment_fastai;
    CHECK_OK(ic_job_check(&job, &error));
    CHECK_INT(job.presize, 224);
}

static void text(void)
{
    struct ic_job job = good_job();
    char *all, *defining;

    job.compute.threads = 3;
    job.workers = 2;
    job.seed = UINT64_MAX;
    job.lr = 0.1 + 0.2;
    all = ic_job_to_text(&job, false);
    defining = ic_job_to_text(&job, true);
    if (all == NULL || defining == NULL)
        exit(99);
    CHECK(strstr(all, "data = pets\n") == all);
    CHECK(strstr(all, "\nthreads = 3\n") != NULL);
    CHECK(strstr(all, "\nlr = 0.30000000000000004\n") != NULL);
    CHECK(strstr(all, "\nweight-decay = 0.01\n") != NULL);
    CHECK(strstr(all, "\nmicro-batch = 0\n") != NULL);
    CHECK(strstr(all, "\nvalid-pct = 0.2\n") != NULL);
    CHECK(strstr(all, "\nseed = 18446744073709551615\n") != NULL);
    CHECK(strstr(all, "\ncheckpoint-every = 100\n") != NULL);
    CHECK(strstr(all, "resume") == NULL);
    CHECK(strstr(defining, "labels = species\n") == defining);
    CHECK(strstr(defining, "data = ") == NULL);
    CHECK(strstr(defining, "out = ") == NULL);
    CHECK(strstr(defining, "threads = ") == NULL);
    CHECK(strstr(defining, "\nmax-steps = 0\n") != NULL);
    CHECK(strstr(defining, "\nmicro-batch = 0\n") != NULL);
    CHECK(strstr(defining, "\nclip-norm = 0\n") != NULL);
    CHECK(strstr(defining, "\nmixup = 0\n") != NULL);
    free(all);
    free(defining);
}

/* Two jobs as a resume compares them. */
static ic_status compare(const struct ic_job *old, const struct ic_job *new,
                         struct ic_error *error)
{
    char *old_text = ic_job_to_text(old, true), *new_text = ic_job_to_text(new, true);
    ic_status status;

    if (old_text == NULL || new_text == NULL)
        exit(99);
    status = ic_job_compare(old_text, new_text, "run/checkpoint", error);
    free(old_text);
    free(new_text);
    return status;
}

static void comparison(void)
{
    const struct ic_job old = good_job();
    struct ic_job new = good_job();
    struct ic_error error;
    char *now;

    CHECK_OK(compare(&old, &new, &error));

    new.data = "/elsewhere/pets"; /* a setting without effect on the weights */
    new.out = "runs/b";
    new.split = "../names.txt";
    new.compute.threads = 7;
    new.workers = 9;
    new.checkpoint_every = 1;
    new.resume = true;
    CHECK_OK(compare(&old, &new, &error));

    new.lr = 0.01;
    CHECK_FAILS(
        compare(&old, &new, &error), IC_ERR_USAGE,
        "run/checkpoint belongs to a different job: --lr was 0.002 and is now 0.01");
    new.arch = "resnet18"; /* the first differing setting is named */
    CHECK_FAILS(compare(&old, &new, &error), IC_ERR_USAGE,
                "--arch was resnet34 and is now resnet18");
    new = good_job();
    new.patience = 3;
    CHECK_FAILS(compare(&old, &new, &error), IC_ERR_USAGE,
                "--patience was 0 and is now 3");
    new = good_job();
    new.ema = 0.999;
    CHECK_FAILS(compare(&old, &new, &error), IC_ERR_USAGE,
                "--ema was 0 and is now 0.999");
    new = good_job();
    new.compute.precision = "bf16";
    CHECK_FAILS(compare(&old, &new, &error), IC_ERR_USAGE,
                "--precision was fp32 and is now bf16");
    new = good_job();
    new.seed = 4; /* a prefix of the old value */
    CHECK_FAILS(compare(&old, &new, &error), IC_ERR_USAGE,
                "--seed was 42 and is now 4");

    /* Texts that are not a job of this version. */
    now = ic_job_to_text(&old, true);
    if (now == NULL)
        exit(99);
    CHECK_FAILS(ic_job_compare("", now, "x", &error), IC_ERR_USAGE, "another version");
    CHECK_FAILS(ic_job_compare("labels", now, "x", &error), IC_ERR_USAGE,
                "only one of the two knows --labels");
    CHECK_FAILS(ic_job_compare("\n\n = \n=", now, "x", &error), IC_ERR_USAGE,
                "another version");
    free(now);
}

/* A word is found in its list, or refused with a message that shows the list. */
static void words(void)
{
    struct ic_error error;
    int index;

    CHECK(ic_precision_name(IC_PRECISIONS) == NULL);
    CHECK_INT(ic_word_index(ic_fit_names, "squish"), IC_FIT_SQUISH);
    CHECK_INT(ic_word_index(ic_fit_names, "squis"), -1);
    CHECK_OK(ic_word_find("resize", "pad", ic_fit_names, &index, &error));
    CHECK_INT(index, IC_FIT_PAD);
    CHECK_FAILS(ic_word_find("resize", "zoom", ic_fit_names, &index, &error),
                IC_ERR_USAGE, "--resize is zoom, must be crop, pad or squish");
    CHECK_INT(index, -1);
    CHECK_INT(ic_word_find("resize", "zoom", ic_fit_names, &index, NULL), IC_ERR_USAGE);
}

int main(void)
{
    words();
    defaults();
    refusals();
    presize();
    pairs();
    passes();
    text();
    comparison();
    return check_result();
}
