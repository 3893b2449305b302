/**
 * How the driver's threads share a core: the one that sends comes soon after waking up, for a short time; those that V8 has for
 * compiling and for collecting garbage come while it sleeps.
 *
 * Where several want a core, Linux lets whoever runs finish its slice, some 3 ms, before one that has woken up gets its turn, unless
 * that has asked for a shorter slice: it comes first then, and gets no more of the core than before
 * (Documentation/scheduler/sched-eevdf.rst; since Linux 6.12, without any privilege). V8's threads, which the sending one wakes up
 * itself, may hold it up as well: with SCHED_BATCH they take the core from nobody by waking up, and being nicer they leave it to whoever
 * does (sched(7)).
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'

/** The shortest that the kernel takes. */
const sliceNs = 100_000
/** How much nicer than the sender the others are: a tenth of its weight. */
const niceIncrement = 10
/** A few ms is what it takes. */
const limitMs = 2000

/** Of sched_setattr(2), for which Node has no call. */
const callNumbers: Partial<Record<NodeJS.Architecture, number>> = { x64: 314, arm64: 274 }
const [schedOther, schedBatch] = [0, 3]

/**
 * Takes the call's number, then of each thread its id, a policy, a difference of niceness, and a slice for `sched_runtime`, 0 for the
 * usual one. Perl has a call for any number, and every Debian and Ubuntu has perl.
 */
const program = `
my ($call, @threads) = map { $_ + 0 } @ARGV;
my $refused = 0;
while (my ($id, $policy, $nicer, $slice) = splice(@threads, 0, 4)) {
  my $nice = getpriority(0, $id) + $nicer;
  my $attributes = pack('L2 Q l L Q3', 48, $policy, 0, $nice > 19 ? 19 : $nice, 0, $slice, 0, 0);
  $refused = 1 if syscall($call, $id, $attributes, 0) != 0;
}
exit($refused);
`

/**
 * For the threads that a process has by now, by default this one; its first is the one that sends. False where any of it was refused; an
 * older kernel takes it and has no use for the slice.
 */
export function setThreadPriorities(pid: number = process.pid): boolean {
  const call = callNumbers[process.arch]
  if (process.platform !== 'linux' || call === undefined) return false
  const others = listThreads(pid).filter((id) => id !== pid)
  const words = [call, pid, schedOther, 0, sliceNs, ...others.flatMap((id) => [id, schedBatch, niceIncrement, 0])].map(
    String,
  )
  return spawnSync('perl', ['-e', program, '--', ...words], { stdio: 'ignore', timeout: limitMs }).status === 0
}

/** None of a process that is no more. */
function listThreads(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch {
    return []
  }
}
