/** Ways in which a server takes its stop signal (apps/endings/server.py), and the configurations in which each is played. */

export interface ServerEnding {
  name: string
  env: Readonly<Record<string, string>>
}

/** What of the Deployment varies beside the server. */
export interface DeploymentSetting {
  name: string
  recreates: boolean
  /** Of a preStop sleep; 0: there is no hook. */
  sleepSeconds: number
}

/** Goes on for so long as if nothing had happened, then exits without finishing anything. */
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
  // So few that they are full before the endpoints have followed.
  { name: 'leave-backlog', env: { ON_STOP: 'leave-backlog', STOP_MS: '3000', BACKLOG: '2' } },
  { name: 'unavailable', env: { ON_STOP: 'unavailable', STOP_MS: '3000' } },
  { name: 'ignore', env: { ON_STOP: 'ignore' } },
]

export const settings: readonly DeploymentSetting[] = [
  { name: 'no-hook', recreates: false, sleepSeconds: 0 },
  { name: 'sleep', recreates: false, sleepSeconds: 2 },
  { name: 'recreate', recreates: true, sleepSeconds: 0 },
]

/** Longer than any ending that comes to its own end, hook included; the others are killed then. */
export const graceSeconds = 6

/** Every ending in every setting, or those whose `ending × setting` has one of these parts in it. */
export function selectPairs(parts: readonly string[] | undefined): [ServerEnding, DeploymentSetting][] {
  return endings
    .flatMap((ending) => settings.map((setting): [ServerEnding, DeploymentSetting] => [ending, setting]))
    .filter(([ending, setting]) => parts?.some((part) => `${ending.name} × ${setting.name}`.includes(part)) ?? true)
}
