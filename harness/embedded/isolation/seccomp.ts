/**
 * The system-call filter for all processes in a container. It refuses the calls that the default profile of container runtimes refuses
 * without further capabilities, and allows all others.
 * https://docs.docker.com/engine/security/seccomp/#significant-syscalls-blocked-by-the-default-profile
 */

interface SystemCallTable {
  /** AUDIT_ARCH_* of <linux/audit.h>. */
  audit: number
  prctl: number
  clone: number
  /** The x32 ABI has its own numbers from here on. */
  foreignFrom?: number
  refused: readonly number[]
}

/** Numbers from <asm/unistd.h>; those from 424 on are the same for all architectures. */
const newer = {
  io_uring_setup: 425,
  io_uring_enter: 426,
  io_uring_register: 427,
  open_tree: 428,
  move_mount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  fspick: 433,
  mount_setattr: 442,
  quotactl_fd: 443,
  set_mempolicy_home_node: 450,
}
const clone3 = 435

const x64 = {
  syslog: 103,
  uselib: 134,
  ustat: 136,
  sysfs: 139,
  vhangup: 153,
  pivot_root: 155,
  _sysctl: 156,
  acct: 163,
  settimeofday: 164,
  mount: 165,
  umount2: 166,
  swapon: 167,
  swapoff: 168,
  reboot: 169,
  sethostname: 170,
  setdomainname: 171,
  iopl: 172,
  ioperm: 173,
  create_module: 174,
  init_module: 175,
  delete_module: 176,
  get_kernel_syms: 177,
  query_module: 178,
  quotactl: 179,
  nfsservctl: 180,
  lookup_dcookie: 212,
  clock_settime: 227,
  mbind: 237,
  set_mempolicy: 238,
  get_mempolicy: 239,
  kexec_load: 246,
  add_key: 248,
  request_key: 249,
  keyctl: 250,
  migrate_pages: 256,
  unshare: 272,
  move_pages: 279,
  perf_event_open: 298,
  fanotify_init: 300,
  open_by_handle_at: 304,
  clock_adjtime: 305,
  setns: 308,
  finit_module: 313,
  kexec_file_load: 320,
  bpf: 321,
  userfaultfd: 323,
}
const arm64 = {
  lookup_dcookie: 18,
  umount2: 39,
  mount: 40,
  pivot_root: 41,
  nfsservctl: 42,
  vhangup: 58,
  quotactl: 60,
  acct: 89,
  unshare: 97,
  kexec_load: 104,
  init_module: 105,
  delete_module: 106,
  clock_settime: 112,
  syslog: 116,
  reboot: 142,
  sethostname: 161,
  setdomainname: 162,
  settimeofday: 170,
  add_key: 217,
  request_key: 218,
  keyctl: 219,
  swapon: 224,
  swapoff: 225,
  mbind: 235,
  get_mempolicy: 236,
  set_mempolicy: 237,
  migrate_pages: 238,
  move_pages: 239,
  perf_event_open: 241,
  fanotify_init: 262,
  open_by_handle_at: 265,
  clock_adjtime: 266,
  setns: 268,
  finit_module: 273,
  bpf: 280,
  userfaultfd: 282,
  kexec_file_load: 294,
}

const systemCallTables: Partial<Record<NodeJS.Architecture, SystemCallTable>> = {
  x64: {
    audit: 0xc000003e,
    prctl: 157,
    clone: 56,
    foreignFrom: 0x40000000,
    refused: Object.values({ ...x64, ...newer }),
  },
  arm64: { audit: 0xc00000b7, prctl: 167, clone: 220, refused: Object.values({ ...arm64, ...newer }) },
}

/** CLONE_NEW* of <linux/sched.h> that clone(2) accepts. */
const newNamespaces = 0x7e020000
const [EPERM, ENOSYS] = [1, 38]
const [offsetOfNumber, offsetOfMachine, offsetOfFirstArgument] = [0, 4, 16]

const allow = encodeReturn(0x7fff0000)

/** The filter as instructions of classic BPF, and the number of prctl(2); undefined on other architectures. */
export function createSeccompFilter(arch: NodeJS.Architecture): { prctl: number; program: Buffer } | undefined {
  const machine = systemCallTables[arch]
  if (!machine) return undefined
  const { audit, prctl, clone, foreignFrom, refused } = machine
  const program = [
    encodeLoad(offsetOfMachine),
    encodeJump('equal', audit, 1, 0),
    encodeErrno(ENOSYS),
    encodeLoad(offsetOfNumber),
    ...(foreignFrom === undefined ? [] : [encodeJump('at least', foreignFrom, 0, 1), encodeErrno(ENOSYS)]),
    // C libraries fall back to clone, whose flags the filter can read.
    encodeJump('equal', clone3, 0, 1),
    encodeErrno(ENOSYS),
    encodeJump('equal', clone, 0, 4),
    encodeLoad(offsetOfFirstArgument),
    encodeJump('any bit', newNamespaces, 0, 1),
    encodeErrno(EPERM),
    allow,
    ...refused.map((number, index) => encodeJump('equal', number, refused.length - index, 0)),
    allow,
    encodeErrno(EPERM),
  ]
  return { prctl, program: Buffer.concat(program) }
}

/** Installs a filter and executes the remaining arguments. Of Debian's essential programs only Perl can make any system call. */
const install = `my ($prctl, $hex) = splice @ARGV, 0, 2;
my $program = pack 'H*', $hex;
my $filter = pack 'S x6 P', length($program) / 8, $program;
syscall($prctl + 0, 22, 2, $filter) == 0 and exec { $ARGV[0] } @ARGV;
print STDERR "perl: cannot filter system calls: $!\\n";
exit 126;`

/** The command prefix that runs a command under the filter. Needs no_new_privs. */
export function createFilterLauncher(arch: NodeJS.Architecture = process.arch): string[] {
  const filter = createSeccompFilter(arch)
  if (!filter) return []
  return ['/usr/bin/perl', '-e', install, '--', String(filter.prctl), filter.program.toString('hex')]
}

/** struct sock_filter of <linux/filter.h>. */
function encodeInstruction(code: number, jumpTrue: number, jumpFalse: number, value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt16LE(code, 0)
  bytes.writeUInt8(jumpTrue, 2)
  bytes.writeUInt8(jumpFalse, 3)
  bytes.writeUInt32LE(value, 4)
  return bytes
}

/** A word of struct seccomp_data, with the lower half of its 64-bit arguments first. */
function encodeLoad(offset: number): Buffer {
  return encodeInstruction(0x20, 0, 0, offset)
}

function encodeJump(test: 'equal' | 'at least' | 'any bit', value: number, onTrue: number, onFalse: number): Buffer {
  return encodeInstruction({ equal: 0x15, 'at least': 0x35, 'any bit': 0x45 }[test], onTrue, onFalse, value)
}

function encodeReturn(action: number): Buffer {
  return encodeInstruction(0x06, 0, 0, action)
}

function encodeErrno(errno: number): Buffer {
  return encodeReturn(0x00050000 | errno)
}
