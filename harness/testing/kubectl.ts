/** Whether there is a kubectl whose words the tests know. */
import { spawnSync } from 'node:child_process'

/** By its name, wherever it is installed. */
const program = 'kubectl'
/** What earlier ones print has not been compared. */
const oldestMinor = 32

/** `null` where it may be used, otherwise why not. */
export function findKubectlProblem(): string | null {
  const { status, stdout } = spawnSync(program, ['version', '--client', '--output=json'], { encoding: 'utf8' })
  if (status !== 0) return 'kubectl is not installed'
  const minor = Number(/"minor": *"(\d+)/.exec(stdout)?.[1])
  return minor >= oldestMinor ? null : `kubectl 1.${minor} is older than 1.${oldestMinor}`
}
