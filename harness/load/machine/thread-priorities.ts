/**
 * How the driver's threads share a core: the sending thread runs soon after waking up, for a short time; V8's threads for compiling and
 * collecting garbage run while it sleeps.
 *
 * When several threads want a core, Linux lets the running one finish its slice of about 3 ms before one that has woken up, unless that one
 * has requested a shorter slice: it then runs first and gets no more of the core in total (Documentation/scheduler/sched-eevdf.rst; since
 * Linux 6.12, without any privilege). V8's threads, woken by the sending one, could delay it too: with SCHED_BATCH they preempt no thread
 * when they wake up, and with a higher niceness they yield to others (sched(7)).
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'

/** The shortest slice that the kernel accepts. */
const sliceNs = 100_000
/** How much nicer the other threads are than the sender, which gives them a tenth of its weight. */
const niceIncrement = 10
/** The program takes a few ms. */
const limitMs = 2000

/** Numbers of sched_setattr(2), for which Node has no function. */
const callNumbers: Partial<Record<NodeJS.Architecture, number>> = { x64: 314, arm64: 274 }
const [schedOther, schedBatch] = [0, 3]

/**
 * Takes the call's number and, for each thread, its id, a policy, a difference in niceness, and a slice for `sched_runtime` (0: the
 * default). It is written in Perl, which can make any system call and is part of every Debian and Ubuntu.
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
 * Sets the threads that a process (default: this one) has now; the first one is the sender. Returns false where any call was refused; an
 * older kernel accepts the slice and ignores it.
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

/** Empty for a process that has ended. */
function listThreads(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number)
  } catch {
    return []
  }
}
