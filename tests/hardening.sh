#!/bin/sh
# SPDX-License-Identifier: MIT
# The flags of --enable-hardening are seen in what was built: the program, the shared
# library and the modules. A flag that configure left out is not looked for.
. "${srcdir:-.}/tests/program.sh"

skip() { echo "skipped: $*"; exit 77; }
case ${HARDENING:-} in
*[a-z]*) ;;
*) skip "this build has no hardening (--disable-hardening, or a compiler that knows no flag)" ;;
esac
command -v readelf >/dev/null || skip "there is no readelf (Debian: binutils)"
readelf -h "$program" >/dev/null 2>&1 || skip "the program is no ELF file"

# has FLAG: configure took the flag.
has() {
    case " $HARDENING " in *" $1"*) ;; *) return 1 ;; esac
}
for flag in -Wl,-z,relro,-z,now -pie -fstack-protector-strong -D_FORTIFY_SOURCE=; do
    has $flag || echo "left out: $flag, which configure did not take"
done

# shows FILE WHAT PATTERN OPTION: what readelf prints about the file has the pattern.
shows() {
    readelf -W "$4" "$1" | grep -Eq "$3" || fail "$1: $2"
}

# same_for_all FILE: what holds for the program, for libraries and for modules.
same_for_all() {
    if has -Wl,-z,relro,-z,now; then
        shows "$1" "no RELRO" GNU_RELRO -l
        shows "$1" "symbols are bound lazily" 'BIND_NOW|FLAGS_1.* NOW' -d
    fi
    shows "$1" "its stack may be executable" 'GNU_STACK.* RW ' -l
}

same_for_all "$program"
! has -pie || shows "$program" "it is not position independent" '^  Type: *DYN' -h
! has -fstack-protector-strong ||
    shows "$program" "no stack protector" ' __stack_chk_fail' --dyn-syms
! has -D_FORTIFY_SOURCE= ||
    shows "$program" "glibc's checking functions are not used" ' __(snprintf|memcpy|printf|fprintf)_chk' --dyn-syms
built=0
for file in libim2cat.so im2cat-*.so; do
    test -e "$file" || continue
    built=$((built + 1))
    same_for_all "$file"
done
echo "looked at the program and $built shared objects"
finish
