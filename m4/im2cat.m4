# The checks of im2cat that are longer than a line. Each IC_* macro that misses a library
# notes its Debian package in `missing`; IC_REQUIRE_ALL stops once, with the whole list.

# IC_PKG(VARIABLE, MODULE, PACKAGE): a library that pkg-config knows.
AC_DEFUN([IC_PKG],
[PKG_CHECK_MODULES([$1], [$2], [], [missing="$missing $3"])])

# IC_OPTIONAL_PKG(VARIABLE, NAME, MODULES, PACKAGE, WHAT): libraries that pkg-config knows
# and the program can do without: linked where they are found, unless --without-NAME. Sets
# the condition VARIABLE, HAVE_VARIABLE, and ic_NAME to what the summary says.
AC_DEFUN([IC_OPTIONAL_PKG],
[AC_ARG_WITH([$2],
    [AS_HELP_STRING([--with-$2], [$5 @<:@where lib$2 is found@:>@])],
    [], [with_$2=auto])
ic_have_$2=no
AS_CASE([$with_$2],
    [no], [ic_$2="no (--without-$2)"],
    [yes | auto], [PKG_CHECK_MODULES([$1], [$3],
        [ic_$2="yes (lib$2 `$PKG_CONFIG --modversion "$3" | head -n 1`)"
         ic_have_$2=yes
         AC_DEFINE([HAVE_$1], [1], [Defined where the library is there.])],
        [AS_IF([test "$with_$2" = yes],
            [AC_MSG_ERROR([--with-$2 needs $3. On Debian and Ubuntu,
    install it by apt-get install $4])])
         ic_$2="no ($3 was not found; Debian's package is $4)"])],
    [AC_MSG_ERROR([--with-$2 takes yes or no, found "$with_$2"])])
AM_CONDITIONAL([$1], [test "$ic_have_$2" = yes])])

# IC_GIF: giflib has no .pc file everywhere. Sets GIF_LIBS.
AC_DEFUN([IC_GIF],
[AC_ARG_VAR([GIF_LIBS], [linker flags for giflib (default: -lgif)])
: ${GIF_LIBS=-lgif}
ic_gif=no
AC_CHECK_HEADER([gif_lib.h],
    [AC_CHECK_LIB([gif], [DGifOpen], [ic_gif=yes], [], [$GIF_LIBS])])
AS_IF([test "$ic_gif" = no], [missing="$missing libgif-dev"])])

# IC_BLAS: any library with the C interface to BLAS, OpenBLAS before others. Sets
# BLAS_CFLAGS and BLAS_LIBS, and HAVE_OPENBLAS_* for what only OpenBLAS can tell.
AC_DEFUN([IC_BLAS],
[AC_ARG_VAR([BLAS_CFLAGS], [compiler flags for cblas.h])
AC_ARG_WITH([blas],
    [AS_HELP_STRING([--with-blas=LIBS],
        [name or linker flags of a BLAS with the C interface (cblas.h), such as blis @<:@OpenBLAS, else what is found@:>@])],
    [], [with_blas=yes])
AC_SUBST([BLAS_LIBS])
BLAS_LIBS=
AS_CASE([$with_blas],
    [no], [AC_MSG_ERROR([im2cat needs a BLAS: --without-blas cannot be met])],
    [yes], [PKG_CHECK_EXISTS([openblas],
        [ic_candidates=`$PKG_CONFIG --libs openblas`
         : ${BLAS_CFLAGS=`$PKG_CONFIG --cflags openblas`}
         IC_BLAS_TRY([$ic_candidates])])
        for ic_candidate in -lopenblas -lblis -lcblas -lblas; do
            IC_BLAS_TRY([$ic_candidate])
        done],
    [-* | /*], [IC_BLAS_TRY([$with_blas])],
    [IC_BLAS_TRY([-l$with_blas])])
AS_IF([test -n "$BLAS_LIBS"], [IC_OPENBLAS],
    [test "$with_blas" = yes], [missing="$missing libopenblas-dev"],
    [AC_MSG_ERROR([no BLAS with cblas.h by --with-blas="$with_blas".
    A folder for its header goes into BLAS_CFLAGS, one for the library into LDFLAGS.
    Debian and Ubuntu have OpenBLAS in the package libopenblas-dev.])])])

# IC_BLAS_TRY(LIBS): takes LIBS for BLAS_LIBS if that is still empty and they will do.
AC_DEFUN([IC_BLAS_TRY],
[AS_IF([test -z "$BLAS_LIBS"],
[AC_MSG_CHECKING([for cblas_sgemm in $1])
IC_WITH_FLAGS([$BLAS_CFLAGS], [$1],
    [AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <cblas.h>]],
        [[float a = 1, b = 2, c = 0;
          cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, 1, 1, 1, 1.0f, &a, 1,
                      &b, 1, 0.0f, &c, 1);
          return c != 2;]])],
        [AC_MSG_RESULT([yes])
         BLAS_LIBS="$1"],
        [AC_MSG_RESULT([no])])])])])

# IC_OPENBLAS: HAVE_X for each function X that cblas.h declares and the library has.
AC_DEFUN([IC_OPENBLAS],
[m4_foreach_w([ic_function], [openblas_set_num_threads openblas_get_parallel
        openblas_get_config openblas_get_corename],
    [AC_MSG_CHECKING([for ic_function])
    IC_WITH_FLAGS([$BLAS_CFLAGS], [$BLAS_LIBS],
        [AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <cblas.h>]],
            [[void *volatile address = (void *)]ic_function[;
              return address == 0;]])],
            [AC_MSG_RESULT([yes])
             AC_DEFINE(m4_toupper(HAVE_[]ic_function), [1],
                [Define to 1 if the BLAS has ]ic_function[.])],
            [AC_MSG_RESULT([no])])])
    ])
IC_OPENBLAS_PRIVATE([blas_memory_alloc],
    [[void *blas_memory_alloc(int); void blas_memory_free(void *);]],
    [[blas_memory_free(blas_memory_alloc(0));]])
IC_OPENBLAS_PRIVATE([blas_thread_shutdown_],
    [[int blas_thread_shutdown_(void);]], [[return blas_thread_shutdown_();]])
])

# IC_OPENBLAS_PRIVATE(FUNCTION, DECLARATIONS, CALL): HAVE_FUNCTION where the library exports
# a function that no header declares.
AC_DEFUN([IC_OPENBLAS_PRIVATE],
[AC_MSG_CHECKING([for $1])
IC_WITH_FLAGS([$BLAS_CFLAGS], [$BLAS_LIBS],
    [AC_LINK_IFELSE([AC_LANG_PROGRAM([$2], [$3])],
        [AC_MSG_RESULT([yes])
         AC_DEFINE(m4_toupper([HAVE_$1]), [1],
            [Define to 1 if the BLAS exports $1, which no header declares.])],
        [AC_MSG_RESULT([no])])])])

# IC_WITH_FLAGS(CFLAGS, LIBS, CHECK): the check with these flags added, for itself alone.
AC_DEFUN([IC_WITH_FLAGS],
[ic_saved_CFLAGS=$CFLAGS ic_saved_LIBS=$LIBS
CFLAGS="$CFLAGS $1" LIBS="$2 $LIBS"
$3
CFLAGS=$ic_saved_CFLAGS LIBS=$ic_saved_LIBS])

# IC_REQUIRE_ALL: stops if anything is missing, naming what to install.
AC_DEFUN([IC_REQUIRE_ALL],
[AS_IF([test -n "$missing"],
    [AC_MSG_ERROR([libraries are missing. On Debian and Ubuntu, install them by
    apt-get install$missing])])])

# IC_CHECK_CLONES: whether a function can be compiled for several processors at once,
# with the choice made when the program is loaded. Defines IC_TARGET_CLONES; sets
# ic_clones to what the summary says. The sanitizers' run-time is not ready when the
# choice is made, coverage would count every version, and --enable-native has made the
# choice already.
AC_DEFUN([IC_CHECK_CLONES],
[AC_MSG_CHECKING([for functions compiled for several processors])
ic_attribute=
AS_CASE(["$CC $CFLAGS $SANITIZER_FLAGS"],
    [*-fsanitize=*], [ic_clones="no (sanitizers)"],
    [AS_IF([test "$enable_coverage" = yes], [ic_clones="no (coverage)"],
        [test "$enable_native" = yes], [ic_clones="no (native)"],
        [IC_TRY_CLONES])])
AC_MSG_RESULT([$ic_clones])
AC_DEFINE_UNQUOTED([IC_TARGET_CLONES], [$ic_attribute],
    [The attribute of functions that are compiled for several processors; may be empty.])])

# IC_CHECK_AMX: whether the compiler has the tiles of AMX in functions that are compiled
# for them, and the system asks programs to say that they use them (Linux 5.16). Defines
# IC_HAVE_AMX. The processor is asked when the program runs.
AC_DEFUN([IC_CHECK_AMX],
[AC_MSG_CHECKING([for the tiles of AMX])
AS_IF([test "$enable_avx512" = no], [AC_MSG_RESULT([left out])],
    [AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#define AMX __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bf16")))
AMX long multiply(char *a, __m512 sums);
AMX long multiply(char *a, __m512 sums)
{
    _mm512_storeu_si512(a, (__m512i)_mm512_cvtne2ps_pbh(sums, sums));
    _tile_loadd(1, a, 64);
    _tile_loadd(2, a, 64);
    _tile_zero(0);
    _tile_dpbf16ps(0, 1, 2);
    return syscall(SYS_arch_prctl, 0x1023, 18);
}
]])],
        [AC_MSG_RESULT([yes])
         AC_DEFINE([IC_HAVE_AMX], [1],
            [Defined when the compiler and the system have the tiles of AMX.])],
        [AC_MSG_RESULT([no])])])])

# By level of features (GCC 12 and later), or else by single features. Never by the name
# of a processor: such a version runs on just that one, and not on newer ones of the same
# maker or on equals of another. Clang is left out: its version 14 takes the baseline on
# any processor and gives the choosing functions names that clash between files.
AC_DEFUN([IC_TRY_CLONES],
[ic_clones=no
AS_IF([test "$enable_avx512" = no],
    [ic_levels='"arch=x86-64-v3"' ic_features='"avx2"'
     ic_named="AVX2, baseline"],
    [ic_levels='"arch=x86-64-v4", "arch=x86-64-v3"' ic_features='"avx512f", "avx2"'
     ic_named="AVX-512, AVX2, baseline"])
for ic_versions in "$ic_levels" "$ic_features"; do
    ic_try="__attribute__((target_clones($ic_versions, \"default\")))"
    AC_RUN_IFELSE([AC_LANG_SOURCE([[
#ifdef __clang__
#error
#endif
#define CLONES ]$ic_try[
static CLONES void hidden(float *x, int n)
{
    for (int i = 0; i < n; i++)
        x[i] = x[i] * 2 + 1;
}
CLONES float shown(float *x, int n);
CLONES float shown(float *x, int n)
{
    float sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    return sum;
}
int main(void)
{
    void (*volatile pointer)(float *, int) = hidden;
    float x[3] = {1, 2, 3};
    pointer(x, 3);
    return shown(x, 3) != 15;
}]])],
        [ic_clones=$ic_named
         ic_attribute=$ic_try
         break],
        [],
        [ic_clones="no (cross-compiled)"])
done])

# IC_CUDA: nvcc and cuBLAS for the module im2cat-cuda.so, when --with-cuda asks for it.
# Sets NVCC, CUDA_FLAGS, CUDA_LINK_FLAGS, CUDA_LIBS and the condition CUDA.
AC_DEFUN([IC_CUDA],
[AC_ARG_WITH([cuda],
    [AS_HELP_STRING([--with-cuda@<:@=DIR@:>@],
        [build the module for --device cuda, by the CUDA toolkit in DIR @<:@no@:>@])],
    [], [with_cuda=no])
AC_ARG_VAR([NVCC], [CUDA compiler])
AC_ARG_VAR([NVCCFLAGS], [CUDA compiler flags (default: -O3)])
: ${NVCCFLAGS=-O3}
ic_cuda="no (--with-cuda builds the module)"
AS_IF([test "$with_cuda" != no], [IC_CUDA_TOOLKIT])
IC_CUDNN
AC_SUBST([CUDA_FLAGS])
AC_SUBST([CUDA_LINK_FLAGS])
AC_SUBST([CUDA_LIBS])
AM_CONDITIONAL([CUDA], [test "$with_cuda" != no])])

# IC_CUDA_TOOLKIT: the toolkit in $with_cuda, or the one whose nvcc is in the PATH. Code
# for Turing, Ampere and Hopper, and PTX that drivers compile for later GPUs.
AC_DEFUN([IC_CUDA_TOOLKIT],
[AS_IF([test "$with_cuda" = yes],
    [AC_PATH_PROG([NVCC], [nvcc], [], [$PATH$PATH_SEPARATOR/usr/local/cuda/bin])],
    [AC_PATH_PROG([NVCC], [nvcc], [], [$with_cuda/bin])])
AS_IF([test -z "$NVCC"],
    [AC_MSG_ERROR([--with-cuda needs nvcc, which is not there. NVIDIA's packages for
    Debian and Ubuntu are cuda-nvcc-13-0 and libcublas-dev-13-0; a toolkit elsewhere is
    named by --with-cuda=DIR.])])
CUDA_FLAGS="-std=c++20 -gencode arch=compute_75,code=sm_75"
CUDA_FLAGS="$CUDA_FLAGS -gencode arch=compute_80,code=sm_80"
CUDA_FLAGS="$CUDA_FLAGS -gencode arch=compute_90,code=@<:@sm_90,compute_90@:>@"
CUDA_FLAGS="$CUDA_FLAGS -Xcompiler -fPIC,-Wall,-Wextra,-Wno-missing-field-initializers"
CUDA_FLAGS="$CUDA_FLAGS -Xcompiler -Wno-unused-parameter"
AS_IF([test "$enable_werror" = yes],
    [CUDA_FLAGS="$CUDA_FLAGS -Werror all-warnings -Xcompiler -Werror"])
IC_HARDEN_NVCC
CUDA_LIBS=-lcublas
AC_MSG_CHECKING([whether $NVCC makes a module with cuBLAS])
cat > conftest.cu <<IC_EOF
#include <cublas_v2.h>
static __global__ void set(const __grid_constant__ int value, int *x) { *x = value; }
extern "C" int test(int *x)
{
    cublasHandle_t handle;
    set<<<1, 1>>>(1, x);
    return cublasCreate(&handle) != CUBLAS_STATUS_SUCCESS;
}
IC_EOF
AS_IF([$NVCC $CUDA_FLAGS $CUDA_LINK_FLAGS $NVCCFLAGS -shared -o conftest.so conftest.cu $CUDA_LIBS >&AS_MESSAGE_LOG_FD 2>&1],
    [AC_MSG_RESULT([yes])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([--with-cuda cannot be met by $NVCC; config.log says why. It takes
    CUDA 13, cuBLAS (NVIDIA's package libcublas-dev-13-0) and a C++ compiler (Debian: g++).])])
rm -f conftest.cu conftest.so
ic_cuda="yes ($NVCC, `$NVCC --version | sed -n 's/.*release \([@<:@0-9.@:>@]*\).*/\1/p'`)"])

# IC_CUDNN: cuDNN for the module's convolutions, where nvcc finds it, unless
# --without-cudnn. Adds to CUDA_FLAGS and CUDA_LIBS; sets CUDNN_SOURCES, and ic_cudnn to
# what the summary says.
AC_DEFUN([IC_CUDNN],
[AC_ARG_WITH([cudnn],
    [AS_HELP_STRING([--with-cudnn],
        [give the module for --device cuda the convolutions of cuDNN 9 @<:@where found@:>@])],
    [], [with_cudnn=auto])
CUDNN_SOURCES=
ic_cudnn="no (a part of the module for CUDA)"
AS_CASE([$with_cuda/$with_cudnn],
    [no/yes], [AC_MSG_ERROR([--with-cudnn needs --with-cuda: cuDNN is a part of its module])],
    [no/*], [],
    [*/no], [ic_cudnn="no (--without-cudnn)"],
    [*/yes | */auto], [IC_CUDNN_LIBRARY],
    [AC_MSG_ERROR([--with-cudnn takes yes or no, found "$with_cudnn".
    Folders for its headers and library go into NVCCFLAGS: -I DIR -L DIR.])])
AC_SUBST([CUDNN_SOURCES])])

# IC_CUDNN_LIBRARY: whether nvcc compiles with cuDNN 9 and links it.
AC_DEFUN([IC_CUDNN_LIBRARY],
[AC_MSG_CHECKING([whether $NVCC makes a module with cuDNN 9])
cat > conftest.cu <<IC_EOF
#include <cudnn.h>
#if CUDNN_MAJOR < 9
#error too old
#endif
extern "C" int test(void)
{
    cudnnHandle_t handle;
    cudnnConvolutionDescriptor_t conv;
    return cudnnCreate(&handle) != CUDNN_STATUS_SUCCESS ||
           cudnnCreateConvolutionDescriptor(&conv) != CUDNN_STATUS_SUCCESS;
}
IC_EOF
AS_IF([$NVCC $CUDA_FLAGS $NVCCFLAGS -shared -o conftest.so conftest.cu -Xlinker -z,defs -lcudnn $CUDA_LIBS >&AS_MESSAGE_LOG_FD 2>&1],
    [AC_MSG_RESULT([yes])
     CUDA_FLAGS="$CUDA_FLAGS -DIC_CUDNN"
     CUDA_LIBS="-lcudnn $CUDA_LIBS"
     CUDNN_SOURCES='$(cudnn_sources)'
     ic_cudnn=yes],
    [AC_MSG_RESULT([no])
     AS_IF([test "$with_cudnn" = yes],
        [AC_MSG_ERROR([--with-cudnn cannot be met by $NVCC; config.log says why. NVIDIA's
    package for Debian and Ubuntu is libcudnn9-dev-cuda-13.])])
     ic_cudnn="no (not found; NVIDIA's package is libcudnn9-dev-cuda-13)"])
rm -f conftest.cu conftest.so])

# IC_MPI: an MPI compiler for the module im2cat-mpi.so, when --with-mpi asks for it. Sets
# MPICC, the condition MPI, and ic_mpi to what the summary says.
AC_DEFUN([IC_MPI],
[AC_ARG_WITH([mpi],
    [AS_HELP_STRING([--with-mpi@<:@=MPICC@:>@],
        [build the module for --distributed mpi, by the compiler MPICC of the MPI @<:@no@:>@])],
    [], [with_mpi=no])
AC_ARG_VAR([MPICC], [MPI's compiler for C])
ic_mpi="no (--with-mpi builds the module)"
AS_CASE([$with_mpi],
    [no], [],
    [yes], [AC_CHECK_PROGS([MPICC], [mpicc mpicc.openmpi mpicc.mpich])
        AS_IF([test -z "$MPICC"],
            [AC_MSG_ERROR([--with-mpi needs mpicc, which is not there. Debian and Ubuntu have it in
    the packages libopenmpi-dev and libmpich-dev; --with-mpi=MPICC names one elsewhere.])])],
    [MPICC=$with_mpi])
AS_IF([test "$with_mpi" != no], [IC_MPI_MODULE])
AM_CONDITIONAL([MPI], [test "$with_mpi" != no])])

# IC_MPI_MODULE: whether $MPICC makes a module, by which MPI.
AC_DEFUN([IC_MPI_MODULE],
[AC_MSG_CHECKING([whether $MPICC makes a module])
cat > conftest.c <<IC_EOF
#include <mpi.h>
#if MPI_VERSION < 3
#error too old
#endif
#if defined OPEN_MPI
ic_name "Open MPI" OMPI_MAJOR_VERSION OMPI_MINOR_VERSION OMPI_RELEASE_VERSION
#elif defined MPICH_VERSION
ic_name "MPICH" MPICH_VERSION
#else
ic_name "MPI" MPI_VERSION MPI_SUBVERSION
#endif
IC_EOF
ic_mpi=`$MPICC -E conftest.c 2>&AS_MESSAGE_LOG_FD | sed -n 's/^ic_name //p' |
    sed 's/"//g; s/\([[0-9]]\) \([[0-9]]\)/\1.\2/g; s/\([[0-9]]\) \([[0-9]]\)/\1.\2/g'`
cat > conftest.c <<IC_EOF
#include <mpi.h>
int test(void);
int test(void) { return MPI_Init(0, 0); }
IC_EOF
AS_IF([test -n "$ic_mpi" && $MPICC $BUILD_CFLAGS $SANITIZER_FLAGS -fPIC -shared -o conftest.so conftest.c >&AS_MESSAGE_LOG_FD 2>&1],
    [AC_MSG_RESULT([yes, $ic_mpi])],
    [AC_MSG_RESULT([no])
     AC_MSG_ERROR([--with-mpi cannot be met by $MPICC; config.log says why. It takes
    the C compiler of Open MPI, MPICH or another MPI of version 3 or newer.])])
rm -f conftest.c conftest.so
ic_mpi="yes ($MPICC, $ic_mpi)"])

# IC_MLFLOW: libcurl for the module im2cat-mlflow.so, where it is found, unless
# --without-mlflow. Sets CURL_CFLAGS, CURL_LIBS, the condition MLFLOW, and ic_mlflow to
# what the summary says.
AC_DEFUN([IC_MLFLOW],
[AC_ARG_WITH([mlflow],
    [AS_HELP_STRING([--with-mlflow],
        [build the module for --mlflow, by libcurl @<:@where found@:>@])],
    [], [with_mlflow=auto])
ic_mlflow="no (--without-mlflow)"
ic_curl=no
AS_IF([test "$with_mlflow" != no],
    [PKG_CHECK_MODULES([CURL], [libcurl >= 7.66],
        [ic_curl=yes
         ic_mlflow="yes (libcurl `$PKG_CONFIG --modversion libcurl`)"],
        [ic_mlflow="no (it needs libcurl 7.66, Debian's libcurl4-openssl-dev)"])])
AS_IF([test "$with_mlflow" = yes && test "$ic_curl" = no],
    [AC_MSG_ERROR([--with-mlflow needs libcurl 7.66 or newer, which is not there. Debian and
    Ubuntu have it in the package libcurl4-openssl-dev.])])
AM_CONDITIONAL([MLFLOW], [test "$ic_curl" = yes])])

# IC_SERVE: libmicrohttpd for the command serve, where it is found, unless
# --without-serve. Sets MICROHTTPD_CFLAGS, the condition SERVE, and ic_serve to what the
# summary says. The program is not linked to it (src/serve/mhd.h).
AC_DEFUN([IC_SERVE],
[AC_ARG_WITH([serve],
    [AS_HELP_STRING([--with-serve],
        [build the command serve, by libmicrohttpd @<:@where found@:>@])],
    [], [with_serve=auto])
AS_CASE([$with_serve],
    [no], [ic_serve="no (--without-serve)"],
    [yes | auto], [PKG_CHECK_MODULES([MICROHTTPD], [libmicrohttpd >= 0.9.71],
        [ic_serve="yes (libmicrohttpd `$PKG_CONFIG --modversion libmicrohttpd`)"
         ic_with_serve=yes],
        [AS_IF([test "$with_serve" = yes],
            [AC_MSG_ERROR([--with-serve needs libmicrohttpd 0.9.71 or newer. On Debian and Ubuntu,
    install it by apt-get install libmicrohttpd-dev])])
         ic_serve="no (libmicrohttpd was not found; Debian's package is libmicrohttpd-dev)"])],
    [AC_MSG_ERROR([--with-serve takes yes or no, found "$with_serve".
    A folder for its header goes into MICROHTTPD_CFLAGS.])])
AM_CONDITIONAL([SERVE], [test "$ic_with_serve" = yes])])
