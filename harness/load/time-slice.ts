/**
 * Asks the kernel to be run soon after waking up, for a short time. Where several want a core, Linux lets whoever runs finish its slice,
 * some 3 ms, before one that has woken up gets its turn, unless that has asked for a shorter slice: it comes first then, and gets no
 * more of the core than before (Documentation/scheduler/sched-eevdf.rst; since Linux 6.12, without any privilege).
 */
import { spawnSync } from 'node:child_process'

/** The shortest that the kernel takes. */
const sliceNs = 100_000
/** A few ms is what it takes. */
const limitMs = 2000

/** Of sched_setattr(2), for which Node has no call. */
const callNumbers: Partial<Record<NodeJS.Architecture, number>> = { x64: 314, arm64: 274 }

/**
 * SCHED_OTHER with this slice in `sched_runtime` and the niceness that the thread has. Perl has a call for any number, and every Debian
 * and Ubuntu has perl.
 */
const program = `
my ($call, $pid, $slice) = map { $_ + 0 } @ARGV;
my $attributes = pack('L2 Q l L Q3', 48, 0, 0, getpriority(0, $pid), 0, $slice, 0, 0);
exit(syscall($call, $pid, $attributes, 0) == 0 ? 0 : 1);
`

/** For one thread, by default this process' first. False where that was refused; an older kernel takes it and goes on as before. */
export function askForShortSlice(pid: number = process.pid): boolean {
  const call = callNumbers[process.arch]
  if (process.platform !== 'linux' || call === undefined) return false
  const words = [call, pid, sliceNs].map(String)
  return spawnSync('perl', ['-e', program, '--', ...words], { stdio: 'ignore', timeout: limitMs }).status === 0
}
