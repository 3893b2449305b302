/** Judges one run and says what that took: a process of its own, so that its memory is nobody else's. */
import { monotonicUs } from '../../base/clock.ts'
import { judgeDirectory } from '../../judge/judge-directory.ts'

const fromUs = monotonicUs()
await judgeDirectory(process.argv[2] ?? '')
process.stdout.write(
  JSON.stringify({
    judgedSeconds: (monotonicUs() - fromUs) / 1e6,
    judgedMaxRssBytes: process.resourceUsage().maxRSS * 1024,
  }),
)
