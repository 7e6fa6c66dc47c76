/* SPDX-License-Identifier: MIT */
/*
 * Calls CBLAS for all but small products. Any CBLAS will do; OpenBLAS also tells its
 * version and the core type that it found.
 *
 * The threads are ours. An OpenBLAS with threads of its own (parallel type 1) is set to
 * one thread, once and for the process. An OpenBLAS built on OpenMP (type 2) must not
 * be: its openblas_set_num_threads(1) calls omp_set_num_threads(1) and so slows down
 * other code that relies on that default. It stays in its thread because ic_cpu_run
 * sets OpenMP's default to 1 within its tasks, and nowhere else.
 */
#include "backend/cpu/gemm.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "backend/cpu/gemm_small.h"

#ifdef HAVE_BLAS_MEMORY_ALLOC /* OpenBLAS exports these, and declares them nowhere */
void *blas_memory_alloc(int position);
void blas_memory_free(void *buffer);
#endif
#ifdef HAVE_BLAS_THREAD_SHUTDOWN_
int blas_thread_shutdown_(void);
#endif

#define BUFFER_BYTES ((size_t)128 << 20) /* of an OpenBLAS product in each thread */

/* CBLAS wants a stride of at least 1 and of at least the row's length, even where
 * there is a single row or none. */
static int stride_of(size_t stride, size_t length)
{
    const size_t least = length > 0 ? length : 1;

    assert(stride <= INT_MAX && length <= INT_MAX);
    return (int)(stride > least ? stride : least);
}

void ic_gemm(float *c, size_t stride, struct ic_matrix a, struct ic_matrix b, size_t m,
             size_t n, size_t k, bool accumulate)
{
    assert(m <= INT_MAX && n <= INT_MAX && k <= INT_MAX && stride >= n);
    if ((double)m * (double)n * (double)k <= IC_GEMM_SMALL) {
        ic_gemm_small(c, stride, a, b, m, n, k, accumulate);
        return;
    }
    cblas_sgemm(CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans,
                b.transposed ? CblasTrans : CblasNoTrans, (int)m, (int)n, (int)k, 1.0f,
                a.data, stride_of(a.stride, a.transposed ? m : k), b.data,
                stride_of(b.stride, b.transposed ? k : n), accumulate ? 1.0f : 0.0f, c,
                stride_of(stride, n));
}

static void set_up(void)
{
#if defined HAVE_OPENBLAS_SET_NUM_THREADS && defined HAVE_OPENBLAS_GET_PARALLEL
    if (openblas_get_parallel() == 1)
        openblas_set_num_threads(1);
#endif
}

void ic_gemm_set_up(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT; /* devices may open side by side */

    pthread_once(&once, set_up);
}

/* After the number of threads is set, since setting it starts them anew. */
void ic_gemm_end_threads(void)
{
    ic_gemm_set_up();
#if defined HAVE_BLAS_THREAD_SHUTDOWN_ && defined HAVE_OPENBLAS_GET_PARALLEL
    if (openblas_get_parallel() == 1)
        blas_thread_shutdown_();
#endif
}

/* Takes the buffers of `threads` products now, while there is room. OpenBLAS keeps a
 * buffer for the next product once a product has ended. */
static void take_buffers(int threads)
{
#ifdef HAVE_BLAS_MEMORY_ALLOC
    void **buffers = calloc((size_t)threads, sizeof *buffers);

    for (int i = 0; buffers != NULL && i < threads; i++)
        buffers[i] = blas_memory_alloc(0);
    for (int i = 0; buffers != NULL && i < threads; i++)
        blas_memory_free(buffers[i]);
    free(buffers);
#endif
}

/* OpenBLAS does not give up: without room for the buffer of a product it retries for
 * ever. So its buffers are taken before anything else takes the room. mmap looks for
 * the room, since a compiler may remove a malloc whose memory is only freed. */
ic_status ic_gemm_take_room(int threads, struct ic_error *error)
{
    const size_t bytes = (size_t)threads * BUFFER_BYTES;
    struct rlimit limit;
    void *room;

    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return IC_OK;
    room =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return ic_fail(error, IC_ERR_LIMIT,
                       "the BLAS needs %d MiB of address space for %d thread%s, and "
                       "the limit (ulimit -v) does not leave as much",
                       (int)(bytes >> 20), threads, threads > 1 ? "s" : "");
    munmap(room, bytes);
    take_buffers(threads);
    return IC_OK;
}

void ic_gemm_describe(char *text, size_t size)
{
#if defined HAVE_OPENBLAS_GET_CONFIG && defined HAVE_OPENBLAS_GET_CORENAME
    const char *config = openblas_get_config(); /* "OpenBLAS 0.3.21 NO_LAPACKE ..." */
    const char *version = strchr(config, ' ');
    const size_t rest = version != NULL ? strcspn(version + 1, " ") + 1 : 0;
    const size_t length = version != NULL ? (size_t)(version - config) + rest : 0;

    snprintf(text, size, "%.*s (%s)", (int)length, config, openblas_get_corename());
#else
    snprintf(text, size, "a CBLAS");
#endif
}
