/* SPDX-License-Identifier: MIT */
/*
 * Refuses system calls by a seccomp filter: a program for a small virtual machine in
 * the kernel, which gets the number and the arguments of each call. The refused ones
 * fail with EPERM. See sandbox.h, and Documentation/userspace-api/seccomp_filter.rst of
 * the kernel.
 *
 * The filter lists what is refused, not what is allowed: which other calls the C
 * library and the decoders make differs from version to version, and a call that is
 * missing in a list of allowed ones would break the program on the next system.
 */
#include "base/sandbox_private.h"

#ifdef HAVE_LINUX_SECCOMP_H
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The numbers of calls belong to a processor, which the filter checks. */
#if defined __x86_64__ && !defined __ILP32__
#define PROCESSOR AUDIT_ARCH_X86_64
#elif defined __aarch64__ && defined __AARCH64EL__ && !defined __ILP32__
#define PROCESSOR AUDIT_ARCH_AARCH64
#elif defined __riscv && __riscv_xlen == 64
#define PROCESSOR AUDIT_ARCH_RISCV64
#endif
#endif

#ifdef PROCESSOR

/* Calls that headers may lack. From 424 on, all processors have the same numbers. */
enum {
    PIDFD_SEND_SIGNAL = 424,
    IO_URING_SETUP = 425,
    OPEN_TREE = 428,
    MOVE_MOUNT = 429,
    FSOPEN = 430,
    FSPICK = 433,
    PIDFD_GETFD = 438,
    PROCESS_MADVISE = 440,
    MOUNT_SETATTR = 442,
    FCHMODAT2 = 452,
    SETXATTRAT = 463,
    REMOVEXATTRAT = 466,
};

static const int refused[] = {
    /* programs */
    SYS_execve,
    SYS_execveat,
    /* other processes */
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    PROCESS_MADVISE,
    PIDFD_GETFD,
    SYS_kill,
    SYS_tkill,
    SYS_rt_sigqueueinfo,
    SYS_rt_tgsigqueueinfo,
    PIDFD_SEND_SIGNAL,
    /* the network; and io_uring, which makes calls that no filter sees */
    SYS_socket,
    SYS_connect,
    SYS_bind,
    IO_URING_SETUP,
    /* owners, modes and attributes of files, which Landlock leaves alone */
    SYS_fchmod,
    SYS_fchmodat,
    FCHMODAT2,
    SYS_fchown,
    SYS_fchownat,
    SYS_setxattr,
    SYS_lsetxattr,
    SYS_fsetxattr,
    SETXATTRAT,
    SYS_removexattr,
    SYS_lremovexattr,
    SYS_fremovexattr,
    REMOVEXATTRAT,
    SYS_utimensat,
#ifdef __x86_64__
    SYS_chmod,
    SYS_chown,
    SYS_lchown,
    SYS_utime,
    SYS_utimes,
    SYS_futimesat,
#endif
    /* mounts and namespaces */
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_unshare,
    SYS_setns,
    OPEN_TREE,
    MOVE_MOUNT,
    FSOPEN,
    FSPICK,
    MOUNT_SETATTR,
    /* the kernel, keys and the machine */
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_personality,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_acct,
#ifdef __x86_64__
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
#endif
};

enum { REFUSED = sizeof refused / sizeof *refused, ROOM = 2 * REFUSED + 16 };

/* For all threads at once. SPEC_ALLOW: before Linux 5.16 a filter slows down its
 * threads by guards against programs that read their own memory by speculation, which
 * is no secret from the code of this process. */
static const unsigned flags =
    SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW;

/* Without a filter the call fails: by EFAULT if the kernel knows the flags. */
bool ic_sandbox_has_seccomp(void)
{
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, NULL) != 0 &&
           errno == EFAULT;
}

#define FIELD(name) (uint32_t) offsetof(struct seccomp_data, name)
#define LOAD        (BPF_LD | BPF_W | BPF_ABS)
#define IF_EQUAL    (BPF_JMP | BPF_JEQ | BPF_K)
#define RETURN      (BPF_RET | BPF_K)
#define REFUSE      (SECCOMP_RET_ERRNO | EPERM)

/* Writes the filter and returns its length. A condition has two numbers: how many
 * instructions to leave out where it holds, and where it does not. */
static unsigned short write_filter(struct sock_filter *to)
{
    struct sock_filter *const begin = to;

    *to++ = (struct sock_filter)BPF_STMT(LOAD, FIELD(arch));
    *to++ = (struct sock_filter)BPF_JUMP(IF_EQUAL, PROCESSOR, 1, 0);
    *to++ = (struct sock_filter)BPF_STMT(RETURN, REFUSE);
    *to++ = (struct sock_filter)BPF_STMT(LOAD, FIELD(nr));
#ifdef __x86_64__ /* the calls of x32 have this bit */
    *to++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 1u << 30, 0, 1);
    *to++ = (struct sock_filter)BPF_STMT(RETURN, REFUSE);
#endif
    for (int i = 0; i < REFUSED; i++) {
        *to++ = (struct sock_filter)BPF_JUMP(IF_EQUAL, (uint32_t)refused[i], 0, 1);
        *to++ = (struct sock_filter)BPF_STMT(RETURN, REFUSE);
    }
    /* Signals to a thread: of this process alone, as abort and raise send them. */
    *to++ = (struct sock_filter)BPF_JUMP(IF_EQUAL, SYS_tgkill, 0, 3);
    *to++ = (struct sock_filter)BPF_STMT(LOAD, FIELD(args[0]));
    *to++ = (struct sock_filter)BPF_JUMP(IF_EQUAL, (uint32_t)getpid(), 1, 0);
    *to++ = (struct sock_filter)BPF_STMT(RETURN, REFUSE);
    *to++ = (struct sock_filter)BPF_STMT(RETURN, SECCOMP_RET_ALLOW);
    return (unsigned short)(to - begin);
}

ic_status ic_sandbox_seccomp(struct ic_error *error)
{
    struct sock_filter filter[ROOM];
    const struct sock_fprog program = {write_filter(filter), filter};
    const long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);

    if (result > 0)
        return ic_fail(error, IC_ERR_IO,
                       "the sandbox cannot restrict the thread %ld, which has another "
                       "filter of system calls",
                       result);
    if (result < 0)
        return ic_fail_errno(error, "the sandbox cannot filter system calls");
    return IC_OK;
}

#else

bool ic_sandbox_has_seccomp(void)
{
    return false;
}

ic_status ic_sandbox_seccomp(struct ic_error *error)
{
    return IC_OK;
}

#endif
