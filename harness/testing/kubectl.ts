/** Whether there is a kubectl whose output the tests know. */
import { spawnSync } from 'node:child_process'

/** By its name, wherever it is installed. */
const program = 'kubectl'
/** The output of older versions has not been compared. */
const oldestMinor = 32

/** `null` if it can be used, otherwise why not. */
export function findKubectlProblem(): string | null {
  const { status, stdout } = spawnSync(program, ['version', '--client', '--output=json'], { encoding: 'utf8' })
  if (status !== 0) return 'kubectl is not installed'
  const minor = Number(/"minor": *"(\d+)/.exec(stdout)?.[1])
  return minor >= oldestMinor ? null : `kubectl 1.${minor} is older than 1.${oldestMinor}`
}
