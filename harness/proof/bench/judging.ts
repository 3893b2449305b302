/** Judges one run and reports the cost: in a separate process, so that its memory is measured alone. */
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
