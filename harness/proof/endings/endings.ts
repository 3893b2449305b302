/** Ways in which a server reacts to its stop signal (apps/endings/server.py), and the configurations in which each is played. */

export interface ServerEnding {
  name: string
  env: Readonly<Record<string, string>>
}

/** Settings of the Deployment besides the server. */
export interface DeploymentSetting {
  name: string
  recreates: boolean
  /** Seconds of a preStop sleep; 0: no hook. */
  sleepSeconds: number
}

/** Continues normally for this time, then exits without finishing anything. */
const buildServingEnding = (ms: number): ServerEnding => ({
  name: `exit-${ms}ms`,
  env: { ON_STOP: 'serve', STOP_MS: String(ms) },
})

export const endings: readonly ServerEnding[] = [
  { name: 'exit', env: { ON_STOP: 'exit' } },
  buildServingEnding(50),
  buildServingEnding(200),
  buildServingEnding(500),
  buildServingEnding(2000),
  { name: 'close-and-drain', env: { ON_STOP: 'close-and-drain' } },
  { name: 'close-keep-idle', env: { ON_STOP: 'close-keep-idle' } },
  { name: 'close-politely', env: { ON_STOP: 'close-politely' } },
  { name: 'drain', env: { ON_STOP: 'drain', STOP_MS: '3000' } },
  { name: 'hang', env: { ON_STOP: 'hang' } },
  { name: 'reset', env: { ON_STOP: 'reset' } },
  // Small enough to be full before the endpoints are updated.
  { name: 'leave-backlog', env: { ON_STOP: 'leave-backlog', STOP_MS: '3000', BACKLOG: '2' } },
  { name: 'unavailable', env: { ON_STOP: 'unavailable', STOP_MS: '3000' } },
  { name: 'ignore', env: { ON_STOP: 'ignore' } },
]

export const settings: readonly DeploymentSetting[] = [
  { name: 'no-hook', recreates: false, sleepSeconds: 0 },
  { name: 'sleep', recreates: false, sleepSeconds: 2 },
  { name: 'recreate', recreates: true, sleepSeconds: 0 },
]

/** Longer than any ending that completes by itself, including the hook; the others are then killed. */
export const graceSeconds = 6

/** Every ending in every setting, or those whose `ending × setting` contains one of these parts. */
export function selectPairs(parts: readonly string[] | undefined): [ServerEnding, DeploymentSetting][] {
  return endings
    .flatMap((ending) => settings.map((setting): [ServerEnding, DeploymentSetting] => [ending, setting]))
    .filter(([ending, setting]) => parts?.some((part) => `${ending.name} × ${setting.name}`.includes(part)) ?? true)
}
