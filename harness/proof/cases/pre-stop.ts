/** preStop hooks: their order with the stop signal, their share of the grace period, and what becomes of those that fail. */
import type { V1LifecycleHandler } from '@kubernetes/client-node'
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import {
  afterDeletionMs,
  atOnceMs,
  endPod,
  exitCodeOf,
  lateMs,
  silentAfterMs,
  wholeSecondMs,
  wordsOf,
} from '../stage/pod-ending.ts'
import { events } from '../stage/events.ts'
import { between, matching } from '../stage/expectation.ts'
import { aloud, container, orderly, podSpec, stubborn } from '../stage/pods.ts'
import type { Scene } from '../stage/case-context.ts'

async function withHook(
  scene: Scene,
  preStop: V1LifecycleHandler,
  { script = orderly, graceSeconds = 10, fails = false } = {},
): Promise<Observations> {
  const main = container('main', script, { lifecycle: { preStop } })
  const ending = await endPod(scene, podSpec([main], { terminationGracePeriodSeconds: graceSeconds }))
  const failed = fails ? await events(scene, 'one', 'FailedPreStopHook') : []
  return {
    said: wordsOf(ending, 'main').filter((text) => text !== 'tick'),
    hookAfterMs: afterDeletionMs(ending, 'main', 'hook'),
    termAfterMs: afterDeletionMs(ending, 'main', 'TERM'),
    silentAfterMs: silentAfterMs(ending, 'main'),
    goneAfterMs: Math.round(ending.goneMs - ending.deletedMs),
    exitCode: exitCodeOf(ending, 'main'),
    failed: failed.map(({ message }) => message),
  }
}

const exec = (...command: string[]): V1LifecycleHandler => ({ exec: { command } })
const sleepHook = (seconds: number): V1LifecycleHandler => ({ sleep: { seconds } })
const server = `import http.server, signal, sys
class Handler(http.server.BaseHTTPRequestHandler):
  def do_GET(self):
    print('GET ' + self.path, flush=True)
    self.send_response(200)
    self.end_headers()
  def log_message(self, *_): pass
signal.signal(signal.SIGTERM, lambda *_: (print('TERM', flush=True), sys.exit(0)))
server = http.server.HTTPServer(('', 8080), Handler)
print('up', flush=True)
server.serve_forever()`

export const preStop: Topic = {
  topic: 'preStop',
  cases: [
    {
      name: 'hook-before-signal',
      claim: 'The hook must have ended before the stop signal is sent.',
      source: pages.hooks,
      observe: (scene) => withHook(scene, exec('bash', '-c', `${aloud('hook')}; sleep 2; ${aloud('hook-ended')}`)),
      expected: {
        said: ['up', 'hook', 'hook-ended', 'TERM'],
        hookAfterMs: between(0, atOnceMs),
        termAfterMs: between(2000, 2000 + lateMs),
        exitCode: 0,
      },
    },
    {
      name: 'hook-sleep',
      claim: 'The sleep action needs no program in the image and delays the stop signal by its seconds.',
      source: 'https://kep.k8s.io/3960',
      observe: (scene) => withHook(scene, sleepHook(2)),
      expected: { said: ['up', 'TERM'], termAfterMs: between(2000, 2000 + lateMs), exitCode: 0 },
    },
    {
      name: 'hook-http',
      claim: 'An httpGet hook is a request to the container, answered before the stop signal is sent.',
      source: pages.hooks,
      observe: (scene) =>
        withHook(scene, { httpGet: { path: '/drain', port: 8080 } }, { script: `exec python3 -c "${server}"` }),
      expected: { said: ['up', 'GET /drain', 'TERM'], termAfterMs: between(0, lateMs), exitCode: 0 },
    },
    {
      name: 'grace-includes-hook',
      claim: 'The grace period counts from the deletion: the time of the hook is part of it.',
      source: pages.termination,
      observe: (scene) => withHook(scene, sleepHook(3), { script: stubborn, graceSeconds: 6 }),
      expected: {
        said: ['up', 'TERM'],
        termAfterMs: between(3000, 3000 + lateMs),
        silentAfterMs: between(6000 - wholeSecondMs, 6000 + lateMs),
        exitCode: 137,
      },
    },
    {
      name: 'hook-outlasts-grace',
      claim:
        'When the hook still runs at the end of the grace period, the stop signal follows, and SIGKILL two seconds later.',
      source: pages.termination,
      observe: (scene) => withHook(scene, exec('sleep', '30'), { script: stubborn, graceSeconds: 2 }),
      expected: {
        said: ['up', 'TERM'],
        termAfterMs: between(2000 - wholeSecondMs, 2000 + lateMs),
        silentAfterMs: between(4000 - wholeSecondMs, 4000 + lateMs),
        exitCode: 137,
      },
    },
    {
      name: 'hook-fails',
      claim: 'A hook that fails is told by an Event FailedPreStopHook, and the stop signal follows at once.',
      source: pages.hooks,
      observe: (scene) => withHook(scene, exec('bash', '-c', `${aloud('hook')}; exit 3`), { fails: true }),
      expected: {
        said: ['up', 'hook', 'TERM'],
        termAfterMs: between(0, lateMs),
        exitCode: 0,
        failed: [matching(/^PreStopHook failed$/)],
      },
    },
    {
      name: 'hook-program-missing',
      claim:
        'A hook whose program is not in the image fails like any other: the delay that it should have been is absent.',
      source: pages.hooks,
      observe: (scene) => withHook(scene, exec('/no/such/program', '5'), { fails: true }),
      expected: {
        said: ['up', 'TERM'],
        termAfterMs: between(0, lateMs),
        exitCode: 0,
        failed: [matching(/^PreStopHook failed$/)],
      },
    },
    {
      name: 'hook-outlives-container',
      claim:
        'The end of a container is not the end of its sleep hook: nothing else is done with the container before the hook has ended.',
      source:
        'https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#lifecycle-1 (preStop: "management of the container blocks until the hook completes")',
      observe: (scene) => withHook(scene, sleepHook(6), { script: `echo up; sleep 2; echo over` }),
      expected: { said: ['up', 'over'], goneAfterMs: between(6000, 6000 + 2 * lateMs), exitCode: 0 },
    },
  ],
}
