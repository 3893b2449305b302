/** preStop hooks: their order relative to the stop signal, their share of the grace period, and the effect of their failure. */
import type { V1LifecycleHandler } from '@kubernetes/client-node'
import { pages } from './case.ts'
import type { Observations, Topic } from './case.ts'
import {
  findOutputDelayMs,
  atOnceMs,
  terminatePod,
  readExitCode,
  lateMs,
  findLastOutputMs,
  wholeSecondMs,
  listOutput,
} from '../stage/pod-ending.ts'
import { waitForEvents } from '../stage/events.ts'
import { isBetween, matchesPattern } from '../stage/expectation.ts'
import { echoToLog, buildContainer, gracefulScript, buildPodSpec, ignoreTermScript } from '../stage/pods.ts'
import type { CaseContext } from '../stage/case-context.ts'

async function observeHook(
  scene: CaseContext,
  preStop: V1LifecycleHandler,
  { script = gracefulScript, graceSeconds = 10, fails = false } = {},
): Promise<Observations> {
  const main = buildContainer('main', script, { lifecycle: { preStop } })
  const ending = await terminatePod(scene, buildPodSpec([main], { terminationGracePeriodSeconds: graceSeconds }))
  const failed = fails ? await waitForEvents(scene, 'one', 'FailedPreStopHook') : []
  return {
    said: listOutput(ending, 'main').filter((text) => text !== 'tick'),
    hookAfterMs: findOutputDelayMs(ending, 'main', 'hook'),
    termAfterMs: findOutputDelayMs(ending, 'main', 'TERM'),
    silentAfterMs: findLastOutputMs(ending, 'main'),
    goneAfterMs: Math.round(ending.goneMs - ending.deletedMs),
    exitCode: readExitCode(ending, 'main'),
    failed: failed.map(({ message }) => message),
  }
}

const buildExecHook = (...command: string[]): V1LifecycleHandler => ({ exec: { command } })
const buildSleepHook = (seconds: number): V1LifecycleHandler => ({ sleep: { seconds } })
const serverProgram = `import http.server, signal, sys
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
      observe: (scene) =>
        observeHook(scene, buildExecHook('bash', '-c', `${echoToLog('hook')}; sleep 2; ${echoToLog('hook-ended')}`)),
      expected: {
        said: ['up', 'hook', 'hook-ended', 'TERM'],
        hookAfterMs: isBetween(0, atOnceMs),
        termAfterMs: isBetween(2000, 2000 + lateMs),
        exitCode: 0,
      },
    },
    {
      name: 'hook-sleep',
      claim: 'The sleep action needs no program in the image and delays the stop signal by its seconds.',
      source: 'https://kep.k8s.io/3960',
      observe: (scene) => observeHook(scene, buildSleepHook(2)),
      expected: { said: ['up', 'TERM'], termAfterMs: isBetween(2000, 2000 + lateMs), exitCode: 0 },
    },
    {
      name: 'hook-http',
      claim: 'An httpGet hook is a request to the container, answered before the stop signal is sent.',
      source: pages.hooks,
      observe: (scene) =>
        observeHook(
          scene,
          { httpGet: { path: '/drain', port: 8080 } },
          { script: `exec python3 -c "${serverProgram}"` },
        ),
      expected: { said: ['up', 'GET /drain', 'TERM'], termAfterMs: isBetween(0, lateMs), exitCode: 0 },
    },
    {
      name: 'grace-includes-hook',
      claim: 'The grace period counts from the deletion: the time of the hook is part of it.',
      source: pages.termination,
      observe: (scene) => observeHook(scene, buildSleepHook(3), { script: ignoreTermScript, graceSeconds: 6 }),
      expected: {
        said: ['up', 'TERM'],
        termAfterMs: isBetween(3000, 3000 + lateMs),
        silentAfterMs: isBetween(6000 - wholeSecondMs, 6000 + lateMs),
        exitCode: 137,
      },
    },
    {
      name: 'hook-outlasts-grace',
      claim:
        'When the hook still runs at the end of the grace period, the stop signal follows, and SIGKILL two seconds later.',
      source: pages.termination,
      observe: (scene) =>
        observeHook(scene, buildExecHook('sleep', '30'), { script: ignoreTermScript, graceSeconds: 2 }),
      expected: {
        said: ['up', 'TERM'],
        termAfterMs: isBetween(2000 - wholeSecondMs, 2000 + lateMs),
        silentAfterMs: isBetween(4000 - wholeSecondMs, 4000 + lateMs),
        exitCode: 137,
      },
    },
    {
      name: 'hook-fails',
      claim: 'A hook that fails is told by an Event FailedPreStopHook, and the stop signal follows at once.',
      source: pages.hooks,
      observe: (scene) =>
        observeHook(scene, buildExecHook('bash', '-c', `${echoToLog('hook')}; exit 3`), { fails: true }),
      expected: {
        said: ['up', 'hook', 'TERM'],
        termAfterMs: isBetween(0, lateMs),
        exitCode: 0,
        failed: [matchesPattern(/^PreStopHook failed$/)],
      },
    },
    {
      name: 'hook-program-missing',
      claim:
        'A hook whose program is not in the image fails like any other: the delay that it should have been is absent.',
      source: pages.hooks,
      observe: (scene) => observeHook(scene, buildExecHook('/no/such/program', '5'), { fails: true }),
      expected: {
        said: ['up', 'TERM'],
        termAfterMs: isBetween(0, lateMs),
        exitCode: 0,
        failed: [matchesPattern(/^PreStopHook failed$/)],
      },
    },
    {
      name: 'hook-outlives-container',
      claim:
        'The end of a container is not the end of its sleep hook: nothing else is done with the container before the hook has ended.',
      source:
        'https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#lifecycle-1 (preStop: "management of the container blocks until the hook completes")',
      observe: (scene) => observeHook(scene, buildSleepHook(6), { script: `echo up; sleep 2; echo over` }),
      expected: { said: ['up', 'over'], goneAfterMs: isBetween(6000, 6000 + 2 * lateMs), exitCode: 0 },
    },
  ],
}
