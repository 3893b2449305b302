/** Which signal ends a container, and what PID 1 makes of it. */
import type { V1Container } from '@kubernetes/client-node'
import { pages } from './case.ts'
import type { Case, Observations, Topic } from './case.ts'
import { atOnceMs, lateMs, wholeSecondMs } from '../stage/pod-ending.ts'
import { between } from '../stage/expectation.ts'
import {
  container,
  containerStatus,
  createPod,
  deletePod,
  gone,
  idle,
  orderly,
  podSpec,
  quitImage,
} from '../stage/pods.ts'
import type { Scene } from '../stage/case-context.ts'
import { listen } from '../refusals/container-output.ts'

const graceSeconds = 3
/** SIGKILL at the end of the grace period, which the kubelet counts in whole seconds; then the pod's end has to get about. */
const graceIsOverMs = between(graceSeconds * 1000 - wholeSecondMs, graceSeconds * 1000 + 2 * lateMs)

/** Deletes a pod of one container once it is up; gives what it said and how it ended. */
async function stopOne(scene: Scene, spec: V1Container): Promise<Observations> {
  await createPod(scene, 'one', podSpec([spec], { terminationGracePeriodSeconds: graceSeconds }))
  const voice = listen(scene, 'one', spec.name)
  const up = await voice.heard('up')
  const deletedMs = await deletePod(scene, 'one')
  const last = await gone(scene, 'one')
  await voice.silent()
  const answer = voice.lines.find(({ atMs }) => atMs > up.atMs)
  return {
    said: voice.lines.map(({ text }) => text),
    answerAfterMs: answer ? Math.round(answer.atMs - deletedMs) : null,
    goneAfterMs: Math.round(last.atMs - deletedMs),
    exitCode: containerStatus(last.pod, spec.name)?.state?.terminated?.exitCode ?? null,
  }
}

const every = ['TERM', 'QUIT', 'INT', 'HUP', 'USR1'].map((name) => `trap 'echo ${name}; exit 0' ${name}`).join('; ')

function case_(name: string, claim: string, spec: V1Container, expected: Case['expected']): Case {
  return { name, claim, source: pages.termination, observe: (scene) => stopOne(scene, spec), expected }
}

const python = `import signal, time
signal.signal(signal.SIGTERM, lambda *_: (print('TERM', flush=True), exit(0)))
print('up', flush=True)
while True: time.sleep(60)`

export const stopSignal: Topic = {
  topic: 'Stop signal and PID 1',
  cases: [
    case_(
      'default-signal',
      'A container whose image names no stop signal gets TERM at once when there is no hook.',
      container('main', `${every}; ${idle}`),
      { said: ['up', 'TERM'], answerAfterMs: between(0, atOnceMs), goneAfterMs: between(0, 3000), exitCode: 0 },
    ),
    case_(
      'image-stop-signal',
      'The image’s STOPSIGNAL takes the place of TERM.',
      container('main', `${every}; ${idle}`, { image: quitImage }),
      { said: ['up', 'QUIT'], answerAfterMs: between(0, atOnceMs), exitCode: 0 },
    ),
    case_(
      'exit-code-of-handler',
      'The exit code of a container that ends upon its stop signal is its own.',
      container('main', `trap 'exit 7' TERM; ${idle}`),
      { said: ['up'], exitCode: 7, goneAfterMs: between(0, 3000) },
    ),
    case_(
      'pid1-without-handler',
      'PID 1 ignores a signal for which it has no handler: the container runs until SIGKILL at the end of its grace period.',
      container('main', 'echo up; exec sleep infinity'),
      { said: ['up'], goneAfterMs: graceIsOverMs, exitCode: 137 },
    ),
    case_(
      'dash-c',
      'dash -c stays PID 1 and does not pass the signal on: its child runs until SIGKILL.',
      container('main', '', { command: ['dash', '-c', `bash -c "${orderly}"; exit 0`] }),
      { said: ['up'], goneAfterMs: graceIsOverMs, exitCode: 137 },
    ),
    case_(
      'bash-c-execs',
      'bash -c executes its last command in its own place, so a simple command gets the signal.',
      container('main', '', { command: ['bash', '-c', `true; python3 -c "${python}"`] }),
      { said: ['up', 'TERM'], answerAfterMs: between(0, atOnceMs), exitCode: 0 },
    ),
    case_(
      'bash-script-with-trap',
      'bash with a trap stays PID 1: what it has started does not get the signal.',
      container('main', '', {
        command: ['bash', '-c', `trap : USR1; python3 -c "${python}"; exit 0`],
      }),
      { said: ['up'], goneAfterMs: graceIsOverMs, exitCode: 137 },
    ),
    case_(
      'exec-in-script',
      'A script that ends in exec hands its place as PID 1, and with it the signal, to the program.',
      container('main', `trap : USR1; exec python3 -c "${python}"`),
      { said: ['up', 'TERM'], answerAfterMs: between(0, atOnceMs), exitCode: 0 },
    ),
  ],
}
