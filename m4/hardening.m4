# The flags that make a fault in the program harder to use for an attacker. Each is
# tried, and left out where compiler or linker does not know it.

# IC_HARDENING: --disable-hardening. Sets HARDENING_CFLAGS for all that is compiled,
# HARDENING_LDFLAGS for programs and shared objects, HARDENING_PIE for the program
# alone, and ic_hardening to what the summary says.
AC_DEFUN([IC_HARDENING],
[AC_ARG_ENABLE([hardening],
    [AS_HELP_STRING([--disable-hardening],
        [leave out the flags against attacks: stack protector, _FORTIFY_SOURCE, RELRO, PIE, ...])])
HARDENING_CFLAGS= HARDENING_LDFLAGS= HARDENING_PIE= ic_hardening=
AS_CASE([${enable_hardening:-yes}],
    [yes], [IC_HARDEN],
    [no], [ic_hardening="no (--disable-hardening)"],
    [AC_MSG_ERROR([--enable-hardening takes yes or no, found "$enable_hardening"])])
: ${ic_hardening:=no ($CC knows none of its flags)}
AC_SUBST([HARDENING_CFLAGS])
AC_SUBST([HARDENING_LDFLAGS])
AC_SUBST([HARDENING_PIE])])

# IC_HARDEN: tries one flag after the other.
AC_DEFUN([IC_HARDEN],
[IC_HARDEN_TRY([HARDENING_CFLAGS], [-fstack-protector-strong], [stack protector],
    [[char text[16]; text[0] = (char)argc; return text[0] == 0;]])
IC_HARDEN_TRY([HARDENING_CFLAGS], [-fstack-clash-protection], [stack clash])
IC_HARDEN_TRY([HARDENING_CFLAGS], [-fcf-protection], [control flow])
IC_HARDEN_TRY([HARDENING_CFLAGS], [-mbranch-protection=standard], [control flow])
IC_HARDEN_FORTIFY
IC_HARDEN_TRY([HARDENING_LDFLAGS], [-Wl,-z,relro,-z,now], [RELRO])
IC_HARDEN_TRY([HARDENING_LDFLAGS], [-Wl,-z,noexecstack], [no executable stack])
IC_HARDEN_TRY([HARDENING_PIE], [-pie], [PIE])])

# IC_HARDEN_TRY(VARIABLE, FLAG, NAME, [BODY]): adds the flag to the variable, and its name
# to the summary, where a program can be built with it. Everything is compiled by -fPIC.
AC_DEFUN([IC_HARDEN_TRY],
[AC_MSG_CHECKING([whether $CC takes $2])
IC_WITH_FLAGS([-Werror -fPIC $SANITIZER_FLAGS $2], [],
    [AC_LINK_IFELSE(
        [AC_LANG_SOURCE([[int main(int argc, char **argv) { ]m4_default([$4], [[return argc == 0;]])[ }]])],
        [AC_MSG_RESULT([yes])
         $1="$$1${$1:+ }$2"
         ic_hardening="$ic_hardening${ic_hardening:+, }$3"],
        [AC_MSG_RESULT([no])])])])

# IC_HARDEN_FORTIFY: _FORTIFY_SOURCE, by which glibc checks the sizes of what its functions
# write: level 3, or 2 where the compiler cannot do 3. It needs an optimising compiler and
# is of no use to the sanitizers, which check more. A level of the user's flags stays.
AC_DEFUN([IC_HARDEN_FORTIFY],
[AC_MSG_CHECKING([for _FORTIFY_SOURCE])
ic_fortify=no
AS_CASE(["$CPPFLAGS $CFLAGS $SANITIZER_FLAGS"],
    [*_FORTIFY_SOURCE*], [ic_fortify="as the flags say"],
    [*-fsanitize=*], [ic_fortify="no (sanitizers)"],
    [for ic_level in 3 2; do
        AS_IF([test "$ic_fortify" = no],
            [IC_WITH_FLAGS([-Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$ic_level], [],
                [AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#include <stdio.h>
#if !defined __OPTIMIZE__ || !defined __USE_FORTIFY_LEVEL || \
    __USE_FORTIFY_LEVEL != _FORTIFY_SOURCE
#error
#endif
]])],
                    [ic_fortify=$ic_level
                     HARDENING_CFLAGS="$HARDENING_CFLAGS${HARDENING_CFLAGS:+ }-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$ic_level"
                     ic_hardening="$ic_hardening${ic_hardening:+, }_FORTIFY_SOURCE=$ic_level"])])])
    done])
AC_MSG_RESULT([$ic_fortify])])

# IC_HARDEN_NVCC: the flags for the module for CUDA: nvcc hands them to the compiler and
# the linker that it calls, one by one.
AC_DEFUN([IC_HARDEN_NVCC],
[for ic_flag in $HARDENING_CFLAGS; do
    CUDA_FLAGS="$CUDA_FLAGS -Xcompiler $ic_flag"
done
CUDA_LINK_FLAGS=
for ic_flag in `AS_ECHO(["$HARDENING_LDFLAGS"]) | sed 's/-Wl,//g; s/,/ /g'`; do
    CUDA_LINK_FLAGS="$CUDA_LINK_FLAGS -Xlinker $ic_flag"
done])

# IC_CHECK_SANDBOX: the sandbox of predict and serve (src/base/sandbox.h), where the
# system's headers have its parts. The sanitizers trace the process at its end, and
# coverage writes its counts then, both of which a sandbox refuses. So it does the file
# in /dev/shm that LLVM's OpenMP (libomp, which has functions called kmp_...) makes when
# it starts and removes at the end. Sets ic_sandbox to what the summary says.
AC_DEFUN([IC_CHECK_SANDBOX],
[ic_sandbox=
AS_IF([test "$ac_cv_header_linux_landlock_h" = yes], [ic_sandbox=Landlock])
AS_IF([test "$ac_cv_header_linux_seccomp_h" = yes],
    [ic_sandbox="$ic_sandbox${ic_sandbox:+, }seccomp"])
: ${ic_sandbox:="no (linux/landlock.h and linux/seccomp.h are missing)"}
AS_CASE(["$enable_coverage $CC $CFLAGS $SANITIZER_FLAGS"],
    [yes*], [ic_sandbox="no (coverage)"],
    [*-fsanitize=*], [ic_sandbox="no (sanitizers)"])
AC_MSG_CHECKING([for libomp])
ic_save_CFLAGS=$CFLAGS
CFLAGS="$CFLAGS $OPENMP_CFLAGS"
AC_LINK_IFELSE([AC_LANG_PROGRAM([[int kmp_get_blocktime(void);]],
        [[return kmp_get_blocktime();]])],
    [AC_MSG_RESULT([yes])
     ic_sandbox="no (libomp writes files of its own)"],
    [AC_MSG_RESULT([no])])
CFLAGS=$ic_save_CFLAGS
AS_CASE([$ic_sandbox],
    [no*], [AC_DEFINE_UNQUOTED([IC_NO_SANDBOX], ["$ic_sandbox"],
        [Why predict and serve have no sandbox, where it is left out.])])])
